import type { Clock } from '@berth/kernel';
import type { PoolServiceDefinition, WatchResponse } from '@berth/proto/berth/pool/v1/pool_service';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { isOperator, parseRequest, parseTime } from '@berth/server';
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

/** A sign of life is due after this silence, looked at often enough that it comes within 10 s. */
const SILENCE_MS = 8000;
const LOOK_MS = 1000;

/** The method of PoolService that tells of changes. */
export function watchHandlers(context: () => WatchHandlerContext): WatchHandlers {
  return {
    async watch(request, call, out) {
      const fromMs = parseRequest(request, (faults) => parseTime(request.from, 'from', faults));
      const { clock, changes } = context();
      let sentMs = clock.monotonic();
      const beat = (): void => {
        if (clock.monotonic() - sentMs >= SILENCE_MS && out.pending === 0) {
          void out.write({ changed: undefined });
          sentMs = clock.monotonic();
        }
        timer = clock.after(LOOK_MS, beat);
      };
      let timer = clock.after(LOOK_MS, beat);
      try {
        const signal = AbortSignal.any([call.signal, call.shutdown]);
        for await (const change of changes(fromMs, request.pool === '', signal)) {
          const changed = messageOf(change, request.pool, call);
          if (changed === undefined) continue;
          sentMs = clock.monotonic();
          if (!(await out.write({ changed }))) return;
        }
      } finally {
        timer.cancel();
      }
      if (call.shutdown.aborted) throw call.shutdown.reason;
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
