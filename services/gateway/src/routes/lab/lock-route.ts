import { BerthError, LeaseLostError } from '@berth/client';
import { httpError } from '@berth/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LineStream } from '../../http/line-stream.js';
import { lineStream } from '../../http/line-stream.js';
import { JSON_TYPE, lineOf } from '../../http/json-answer.js';
import { OpenCalls } from '../../http/open-calls.js';
import type { Roles } from '../../ports/roles.js';
import { queryOf } from '../parameters.js';
import { bodyOf, takeRawBodies } from '../raw-body.js';
import { endedLine, failedLine, lockLine } from './lock-line.js';
import type { LockRequest } from './lock-request.js';
import { parseLockRequest } from './lock-request.js';

const LOCKED = 423;

/**
 * `POST /lock`: a lease for as long as the connection of its client is there. The answer tells the place in the queue, the
 * grant and its end, a line each; hanging up gives up the place, or releases.
 */
export function lockRoute(app: FastifyInstance, roles: Roles): void {
  const { stopping } = app;
  const calls = new OpenCalls(stopping);
  takeRawBodies(app);
  app.post('/lock', async (request, reply) => {
    const wanted = parseLockRequest(queryOf(request), bodyOf(request));
    await lock(wanted, request, reply, { roles, stopping, calls });
  });
}

interface LockDeps {
  readonly roles: Roles;
  /** Aborts when the HTTP server stops. */
  readonly stopping: AbortSignal;
  readonly calls: OpenCalls;
}

async function lock(
  wanted: LockRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  { roles, stopping, calls }: LockDeps,
): Promise<void> {
  const stream = lineStream(request, reply);
  // Its own connection: the lease hangs on it, and ends with it at once.
  const berth = roles.for(request.caller, { own: true });
  const hangUp = (): void => {
    berth.close();
  };
  const over = calls.begin(reply);
  over.addEventListener('abort', hangUp, { once: true });
  const told = { granted: false };
  try {
    if (over.aborted) hangUp();
    for await (const event of berth.queue(wanted)) {
      told.granted ||= event.$case === 'granted';
      // A client that does not read is not read for: the lease service then sends less, and cuts it off in the end.
      if (!(await stream.write(lockLine(event)))) return;
    }
    stream.end();
  } catch (error) {
    if (stream.signal.aborted) return;
    const cause: unknown = stopping.aborted ? stopping.reason : error;
    await tellFailure(inWordsOfLocks(cause, wanted), told.granted, stream, request, reply);
  } finally {
    hangUp();
  }
}

/** As an ordinary error answer, or in the last line of an answer that has begun. */
async function tellFailure(
  error: unknown,
  granted: boolean,
  stream: LineStream,
  { id }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { status, body } = httpError(error, id);
  if (!reply.sent) {
    // Of all that is exhausted, only a bench that others hold is locked.
    if (!(error instanceof BerthError) || error.reason !== 'BENCH_BUSY') throw error;
    await reply.code(LOCKED).type(JSON_TYPE).send(lineOf(body));
    return;
  }
  await stream.write(granted ? endedLine(lossOf(error), body.message) : failedLine(status, body));
  stream.end();
}

function lossOf(error: unknown): string {
  if (error instanceof LeaseLostError) return error.why;
  return error instanceof Error && 'reason' in error ? String(error.reason) : 'CONNECTION_LOST';
}

/** The error with the names of this route's parameters in place of those of the request that they became. */
function inWordsOfLocks(error: unknown, { query = '' }: LockRequest): unknown {
  if (!(error instanceof BerthError) || error instanceof LeaseLostError) return error;
  const { reason, code, message, details, described } = error;
  const renamed = (text: string): string =>
    text
      .replaceAll('requirements[0].query', `query '${query}'`)
      .replaceAll(/requirements\[\d+\]/g, 'what is wanted')
      .replaceAll('wait_timeout', 'wait')
      .replaceAll('max_duration', 'max');
  const fields = details.fields?.map(({ field, description }) => ({
    field: field.startsWith('requirements[') ? 'query' : renamed(field),
    description,
  }));
  return new BerthError(reason, code, renamed(message), { ...details, ...(fields && { fields }) }, described, {
    cause: error,
  });
}
