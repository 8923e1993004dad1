import type { Http2Session } from 'node:http2';
import type { Clock } from '@berth/kernel';

export interface KeepAlive {
  readonly clock: Clock;
  /** A connection of which nothing came for this long is asked whether it lives. */
  readonly timeMs: number;
  /** How long it has to answer. */
  readonly timeoutMs: number;
}

/** Ends a connection whose other side is gone without a word, until it is closed. */
export function keepAlive(session: Http2Session, { clock, timeMs, timeoutMs }: KeepAlive): void {
  const { socket } = session;
  let read = 0;
  let timer = clock.after(timeMs, look);
  session.once('close', () => {
    timer.cancel();
  });

  function look(): void {
    if (session.destroyed) return;
    const isSilent = socket.bytesRead === read;
    read = socket.bytesRead;
    // One that closes takes no ping any more; its streams end it.
    if (isSilent && !session.closed && ask()) return;
    timer = clock.after(timeMs, look);
  }

  function ask(): boolean {
    const asked = session.ping((error) => {
      timer.cancel();
      if (error === null && !session.destroyed) timer = clock.after(timeMs, look);
    });
    if (asked) {
      timer = clock.after(timeoutMs, () => {
        session.destroy();
      });
    }
    return asked;
  }
}
