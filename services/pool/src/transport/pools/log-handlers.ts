import type {
  PoolServiceDefinition,
  StreamLogRequest,
  StreamLogResponse,
} from '@berth/proto/berth/pool/v1/pool_service';
import type { ServiceImplementation } from '@berth/server';
import { parseRequest, writeLiving } from '@berth/server';
import type { LogContext, LogPiece } from '../../app/read-log.js';
import { findResource, readLog } from '../../app/read-log.js';
import type { Hook } from '../../domain/options/options.js';
import { HOOKS } from '../../domain/options/options.js';
import { KINDS, runOf } from './run-to-proto.js';

export type LogHandlers = Pick<ServiceImplementation<PoolServiceDefinition>, 'streamLog'>;

const EMPTY = Buffer.alloc(0);

/** The methods of PoolService for logs. */
export function logHandlers(context: () => LogContext): LogHandlers {
  return {
    async streamLog(request, call, out) {
      const { name, hooks } = parseLog(request);
      const ctx = context();
      const resource = await findResource(ctx.resources, name);
      const { follow } = request;
      const messages = (signal: AbortSignal) => messagesOf(readLog(ctx, resource, { hooks, follow, signal }));
      await writeLiving(call, out, { clock: ctx.clock, messages, signOfLife: messageOf({}) });
    },
  };
}

async function* messagesOf(pieces: AsyncIterable<LogPiece>): AsyncGenerator<StreamLogResponse, void, undefined> {
  for await (const piece of pieces) yield messageOf(piece);
}

function messageOf({ run, bytes = EMPTY, leftOut = false }: LogPiece): StreamLogResponse {
  return { run: run && runOf(run), text: bytes, leftOut };
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
