import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { BerthError } from '@berth/kernel';
import { keepAlive, type KeepAlive } from '@berth/server';
import type { RoleTarget, RoleTargets } from './role-target.js';

/** A connection to a role, for the streams of one client connection. */
export class RoleConnection {
  #streams = 0;
  /** New streams go over another one. */
  #isRetired = false;

  constructor(
    readonly target: RoleTarget,
    private readonly session: ClientHttp2Session,
  ) {
    session.on('goaway', (code) => {
      this.#isRetired = true;
      if (code === constants.NGHTTP2_NO_ERROR) target.leaves();
    });
  }

  /** Whether it takes new streams. */
  get isUsable(): boolean {
    return !this.#isRetired && !this.session.closed && !this.session.destroyed;
  }

  get isGone(): boolean {
    return this.session.destroyed;
  }

  /** Opens a stream. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.session.request(headers);
    this.#streams += 1;
    stream.once('close', () => {
      this.#streams -= 1;
      if (this.#isRetired && this.#streams === 0) this.session.close();
    });
    return stream;
  }

  /** Takes no new streams, and ends with the last one. */
  retire(): void {
    this.#isRetired = true;
    if (this.#streams === 0) this.session.close();
  }

  /** Calls `listener` when it is gone. */
  onGone(listener: () => void): void {
    this.session.once('close', listener);
  }

  /** Ends it with all its streams. */
  destroy(): void {
    this.session.destroy();
  }
}

/** Connects to a role within `withinMs`, to the first of its processes that answers. Throws ROLE_UNAVAILABLE. */
export async function connectRole(targets: RoleTargets, withinMs: number, keep: KeepAlive): Promise<RoleConnection> {
  const { clock } = keep;
  const giveUpMs = clock.monotonic() + withinMs;
  const candidates = targets.candidates();
  const faults: string[] = [];
  for (const [i, target] of candidates.entries()) {
    const leftMs = giveUpMs - clock.monotonic();
    if (leftMs <= 0) break;
    // One that does not answer leaves as much time to each that follows.
    const fault = await attempt(target, leftMs / (candidates.length - i), keep);
    if (fault instanceof RoleConnection) return fault;
    faults.push(`${target.name}: ${fault}`);
  }
  throw roleUnavailable(targets.role, faults.join('; ') || 'no address is known');
}

/** The error for a role that is away. */
export function roleUnavailable(role: string, why: string, retryAfterMs = 1000): BerthError {
  return new BerthError(
    'ROLE_UNAVAILABLE',
    `the gateway cannot reach the role ${role} (${why}); try again in a moment`,
    { retryAfterMs, metadata: { role } },
  );
}

/** A connection, or why there is none. A process that is frozen still takes connections: its first words are waited for. */
function attempt(target: RoleTarget, withinMs: number, keep: KeepAlive): Promise<RoleConnection | string> {
  return new Promise((resolve) => {
    const session = target.connect();
    let why = 'closed the connection';
    const timer = keep.clock.after(withinMs, () => {
      why = `does not answer within ${String(Math.ceil(withinMs))} ms`;
      session.destroy();
    });
    session.on('error', ({ message }: Error) => (why = message));
    session.once('close', () => {
      timer.cancel();
      resolve(why);
    });
    session.once('remoteSettings', () => {
      timer.cancel();
      keepAlive(session, keep);
      resolve(new RoleConnection(target, session));
    });
  });
}
