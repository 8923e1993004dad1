import type { Clock } from '@berth/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lineStream } from './line-stream.js';

/** A client that gets no first line sees this long after its request that the answer has begun, in milliseconds. */
const HEAD_AFTER_MS = 5000;

/** What `sendLines` needs to know of an answer. */
export interface Lines {
  /** The JSON texts, without line breaks. A client that hangs up aborts the signal, and ends the iteration. */
  readonly lines: (signal: AbortSignal) => AsyncIterable<string>;
  /** The last line of an answer whose lines failed after it had begun. */
  readonly errorLine: (error: unknown) => string;
  readonly clock: Clock;
}

/**
 * Sends the lines of an answer, each as it comes; see LineStream. What the lines throw before the first of them, and within
 * the first five seconds, is thrown on, since it can still be an ordinary error answer. Later errors are told in a last line.
 */
export async function sendLines(
  request: FastifyRequest,
  reply: FastifyReply,
  { lines, errorLine, clock }: Lines,
): Promise<void> {
  const stream = lineStream(request, reply);
  const head = clock.after(HEAD_AFTER_MS, () => stream.open());
  try {
    for await (const line of lines(stream.signal)) {
      head.cancel();
      if (!(await stream.write(line))) return;
    }
    stream.end();
  } catch (error) {
    if (stream.signal.aborted) return;
    if (!reply.sent) throw error;
    await stream.write(errorLine(error));
    stream.end();
  } finally {
    head.cancel();
  }
}
