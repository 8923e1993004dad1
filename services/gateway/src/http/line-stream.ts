import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** An answer that grows line by line, for as long as its client listens. */
export interface LineStream {
  /** Aborts when the client hangs up; never when the answer ended as it should. */
  readonly signal: AbortSignal;
  /** Sends status and headers now. Until then an error that is thrown becomes an ordinary error answer. */
  open(): void;
  /**
   * Sends one JSON text (without line breaks) as a line, or as an event where `Accept` asks for events. It leaves at once;
   * resolves when the client's connection has room again, to false when the client is gone.
   */
  write(json: string): Promise<boolean>;
  /** Ends the answer. For events, `event: end` goes before: a browser's EventSource would connect again otherwise. */
  end(): void;
}

const EVENTS = 'text/event-stream';

/** The answer to a request, as lines (`application/x-ndjson`) or, where its `Accept` asks for them, as events. */
export function lineStream(request: FastifyRequest, reply: FastifyReply): LineStream {
  const { raw } = reply;
  const asEvents = request.headers.accept?.includes(EVENTS) === true;
  const hangUp = new AbortController();
  let isOpen = false;
  raw.once('close', () => {
    if (!raw.writableFinished) hangUp.abort();
  });

  function open(): void {
    if (isOpen || raw.destroyed) return;
    isOpen = true;
    // Fastify's own way to send a stream buffers it and keeps its head back until the first line.
    const headers = reply.getHeaders() as OutgoingHttpHeaders;
    reply.hijack();
    raw.writeHead(200, {
      ...headers,
      'content-type': asEvents ? EVENTS : 'application/x-ndjson',
      'cache-control': 'no-store',
      // Proxies such as nginx keep lines back otherwise.
      'x-accel-buffering': 'no',
    });
    raw.flushHeaders();
  }

  return {
    signal: hangUp.signal,
    open,
    async write(json) {
      open();
      if (raw.destroyed || raw.writableEnded) return false;
      if (!raw.write(asEvents ? `data: ${json}\n\n` : `${json}\n`)) await roomOrClose(raw);
      return !raw.destroyed;
    },
    end() {
      open();
      if (raw.destroyed) return;
      if (asEvents) raw.write('event: end\ndata: {}\n\n');
      raw.end();
    },
  };
}

/** Resolves when the connection has room, or was closed: then `drain` never comes. */
function roomOrClose(raw: FastifyReply['raw']): Promise<void> {
  if (raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.once('drain', done).once('close', done);
  });
}
