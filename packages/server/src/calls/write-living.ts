import type { Clock } from '@berth/kernel';
import type { CallContext } from './call-context.js';
import type { ResponseStream } from './response-stream.js';

/** A sign of life is due after this silence, looked at often enough that it comes within 10 s. */
const SILENCE_MS = 8000;
const LOOK_MS = 1000;

/** What a stream tells. */
interface Living<M> {
  readonly clock: Clock;
  /** The messages; they end soon after the signal aborts. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<M>;
  /** The message that is written when there is nothing to tell. */
  readonly signOfLife: M;
}

/**
 * Writes messages as they come, and a sign of life within 10 s of silence, until they end or the caller hangs up. Throws
 * SHUTTING_DOWN when the server stops.
 */
export async function writeLiving<M>(
  call: CallContext,
  out: ResponseStream<M>,
  { clock, messages, signOfLife }: Living<M>,
): Promise<void> {
  let sentMs = clock.monotonic();
  const beat = (): void => {
    if (clock.monotonic() - sentMs >= SILENCE_MS && out.pending === 0) {
      void out.write(signOfLife);
      sentMs = clock.monotonic();
    }
    timer = clock.after(LOOK_MS, beat);
  };
  let timer = clock.after(LOOK_MS, beat);
  try {
    for await (const message of messages(AbortSignal.any([call.signal, call.shutdown]))) {
      sentMs = clock.monotonic();
      if (!(await out.write(message))) return;
    }
  } finally {
    timer.cancel();
  }
  if (call.shutdown.aborted) throw call.shutdown.reason;
}
