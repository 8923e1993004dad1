import type { Clock } from '@berth/kernel';
import type {
  PoolServiceDefinition,
  StreamLogRequest,
  StreamLogResponse,
} from '@berth/proto/berth/pool/v1/pool_service';
import type { ResponseStream, ServiceImplementation } from '@berth/server';
import { parseRequest, requireRole } from '@berth/server';
import type { LogContext, LogPiece } from '../../app/read-log.js';
import { findResource, readLog } from '../../app/read-log.js';
import type { Hook } from '../../domain/options/options.js';
import { HOOKS } from '../../domain/options/options.js';
import { KINDS, runOf } from './run-to-proto.js';

export type LogHandlers = Pick<ServiceImplementation<PoolServiceDefinition>, 'streamLog'>;

const EMPTY = Buffer.alloc(0);
/** A sign of life is due after this silence, looked at often enough that it comes within 10 s. */
const SILENCE_MS = 8000;
const LOOK_MS = 1000;

/** The methods of PoolService for logs. */
export function logHandlers(context: () => LogContext): LogHandlers {
  return {
    async streamLog(request, call, out) {
      requireRole(call, 'operator', 'read what commands wrote');
      const { name, hooks } = parseLog(request);
      const ctx = context();
      const resource = await findResource(ctx.resources, name);
      const signal = AbortSignal.any([call.signal, call.shutdown]);
      const pieces = readLog(ctx, resource, { hooks, follow: request.follow, signal });
      await writeAll(pieces, out, ctx.clock);
      if (call.shutdown.aborted) throw call.shutdown.reason;
    },
  };
}

async function writeAll(pieces: AsyncIterable<LogPiece>, out: ResponseStream<StreamLogResponse>, clock: Clock) {
  let sentMs = clock.monotonic();
  const beat = (): void => {
    if (clock.monotonic() - sentMs >= SILENCE_MS && out.pending === 0) {
      void out.write({ run: undefined, text: EMPTY, leftOut: false });
      sentMs = clock.monotonic();
    }
    timer = clock.after(LOOK_MS, beat);
  };
  let timer = clock.after(LOOK_MS, beat);
  try {
    for await (const { run, bytes = EMPTY, leftOut = false } of pieces) {
      sentMs = clock.monotonic();
      if (!(await out.write({ run: run && runOf(run), text: bytes, leftOut }))) return;
    }
  } finally {
    timer.cancel();
  }
}

function parseLog(request: StreamLogRequest): { readonly name: string; readonly hooks: readonly Hook[] } {
  return parseRequest(request, (faults) => {
    faults.require('name', request.name);
    const hooks = request.kinds.flatMap((kind, i): readonly Hook[] => {
      const hook = HOOKS.find((known) => known !== 'list' && KINDS[known] === kind);
      const allowed = HOOKS.flatMap((known) => (known === 'list' ? [] : `${KINDS[known]} (${known})`)).join(', ');
      if (hook === undefined) faults.add(`kinds[${i}]`, `is ${kind}; allowed are ${allowed}`);
      return hook === undefined ? [] : [hook];
    });
    return { name: request.name, hooks };
  });
}
