import type { Clock } from '@berth/kernel';
import type { PoolServiceDefinition, WatchResponse } from '@berth/proto/berth/pool/v1/pool_service';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { isOperator, parseRequest, parseTime, writeLiving } from '@berth/server';
import type { Changed } from '../../app/watch-changes.js';
import { ticketOf } from '../tickets/ticket-to-proto.js';
import { resourceOf } from './resource-to-proto.js';

export type WatchHandlers = Pick<ServiceImplementation<PoolServiceDefinition>, 'watch'>;

export interface WatchHandlerContext {
  readonly clock: Clock;
  /** What changes, with tickets or without. */
  readonly changes: (
    fromMs: number | undefined,
    withTickets: boolean,
    signal: AbortSignal,
  ) => AsyncGenerator<Changed, void, undefined>;
}

/** The method of PoolService that tells of changes. */
export function watchHandlers(context: () => WatchHandlerContext): WatchHandlers {
  return {
    async watch(request, call, out) {
      const fromMs = parseRequest(request, (faults) => parseTime(request.from, 'from', faults));
      const { clock, changes } = context();
      async function* messages(signal: AbortSignal): AsyncGenerator<WatchResponse, void, undefined> {
        for await (const change of changes(fromMs, request.pool === '', signal)) {
          const changed = messageOf(change, request.pool, call);
          if (changed !== undefined) yield { changed };
        }
      }
      await writeLiving(call, out, { clock, messages, signOfLife: { changed: undefined } });
    },
  };
}

/** What a caller is told of a change; undefined when it is not to know, or does not want to. */
function messageOf(change: Changed, pool: string, call: CallContext): WatchResponse['changed'] {
  if ('resource' in change) {
    const { resource } = change;
    if (pool !== '' && resource.pool !== pool) return undefined;
    return { $case: 'resource', value: resourceOf(resource, isOperator(call)) };
  }
  const { ticket } = change;
  if (!isOperator(call) && ticket.owner !== call.caller.name) return undefined;
  return { $case: 'ticket', value: ticketOf(ticket, false) };
}
