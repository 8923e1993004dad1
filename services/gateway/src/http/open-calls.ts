import type { FastifyReply } from 'fastify';

/** Thrown in a call whose client went away: nobody is left to be told. */
export class HungUpError extends Error {
  constructor() {
    super('the client hung up');
    this.name = 'HungUpError';
  }
}

/** The calls that are being served, each with a signal that ends it. */
export class OpenCalls {
  readonly #open = new Set<AbortController>();

  /** When `stopping` aborts, all calls do, with its reason. One listener for all of them: there may be thousands. */
  constructor(private readonly stopping: AbortSignal) {
    stopping.addEventListener('abort', () => {
      for (const call of this.#open) call.abort(stopping.reason);
    });
  }

  /** A signal that aborts when the client of this answer hangs up (with HungUpError), or the server stops. */
  begin({ raw }: FastifyReply): AbortSignal {
    const call = new AbortController();
    this.#open.add(call);
    raw.once('close', () => {
      this.#open.delete(call);
      if (!raw.writableFinished) call.abort(new HungUpError());
    });
    if (this.stopping.aborted) call.abort(this.stopping.reason);
    return call.signal;
  }
}
