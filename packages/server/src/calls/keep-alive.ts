import type { Http2Session } from 'node:http2';
import type { Clock } from '@berth/kernel';

export interface KeepAlive {
  readonly clock: Clock;
  /** A connection of which nothing came for this long is asked whether it lives. */
  readonly timeMs: number;
  /** How long it has to answer. */
  readonly timeoutMs: number;
}

/**
 * Ends a connection whose other side is gone without a word, until it is closed. Not grpc-js's own: Node.js answers a ping on
 * a connection that drains with an error at once, which grpc-js takes for a dead peer, and ends streams that are being moved.
 */
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
    if (isSilent && ask()) return;
    timer = clock.after(timeMs, look);
  }

  function ask(): boolean {
    const answered = (error: Error | null): void => {
      timer.cancel();
      if (error === null && !session.destroyed) timer = clock.after(timeMs, look);
    };
    // Whoever drains has to answer settings as well, and they may be sent.
    if (session.closed) session.settings({}, answered);
    else if (!session.ping(answered)) return false;
    timer = clock.after(timeoutMs, () => {
      session.destroy();
    });
    return true;
  }
}
