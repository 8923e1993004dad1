import type { FastifyReply, FastifyRequest } from 'fastify';

/** Thrown in a call whose client went away: nobody is left to be told. */
export class HungUpError extends Error {
  constructor() {
    super('the client hung up');
    this.name = 'HungUpError';
  }
}

/** Aborts a call when its client hangs up (with HungUpError) or the server stops (with SHUTTING_DOWN). */
export function hangUpSignal({ server }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { stopping } = server;
  const stop = (): void => {
    controller.abort(stopping.reason);
  };
  stopping.addEventListener('abort', stop);
  raw.once('close', () => {
    stopping.removeEventListener('abort', stop);
    if (!raw.writableFinished) controller.abort(new HungUpError());
  });
  if (stopping.aborted) stop();
  return controller.signal;
}
