import type { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { ServiceImplementation } from '@berth/server';
import { allocationCommands } from './allocation-commands.js';
import { allocationQueries } from './allocation-queries.js';
import { collectionHandlers } from './collection-handlers.js';
import type { HandlerDeps } from './tracker-calls.js';

/** The methods of AllocationService. */
export function allocationHandlers(deps: HandlerDeps): ServiceImplementation<AllocationServiceDefinition> {
  return { ...allocationCommands(deps), ...allocationQueries(deps), ...collectionHandlers(deps) };
}
