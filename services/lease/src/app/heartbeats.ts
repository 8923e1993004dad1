import type { Clock, Timer } from '@berth/kernel';
import type { Lease } from '../domain/index.js';
import type { Attachment } from './attachment.js';
import type { Replica } from './replica.js';

const LONGEST_TICK_MS = 1000;
/** A stream never is silent for longer: proxies cut idle streams, and HTTP/2 pings do not count for them. */
const LONGEST_SILENCE_MS = 10_000;
/**
 * A holder hears this many times in a session's life that it still holds. It counts its validity from the message before
 * (it can't know how long the newest was under way), less a tenth for safety; and a beat of the session may be a quarter of
 * its life old. So of a life of 100 a heartbeat gives at least 100 - 25 - 20 - 10 = 45, and the next one comes after 20.
 */
const HEARTBEATS_PER_SESSION = 5;

export interface HeartbeatsDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly session: () => { readonly id: string };
  readonly sessionTtlMs: number;
  readonly remainingMs: (lease: Lease) => number | undefined;
}

/** Signs of life to streams that were silent: often enough that a holder's validity never runs out in between. */
export class Heartbeats {
  readonly #deps: HeartbeatsDeps;
  readonly #attachments: () => Iterable<Attachment>;
  #tick: Timer | undefined;

  constructor(deps: HeartbeatsDeps, attachments: () => Iterable<Attachment>) {
    this.#deps = deps;
    this.#attachments = attachments;
  }

  start(): void {
    this.#tick = this.#deps.clock.after(this.#tickMs, () => {
      this.#beat();
      this.start();
    });
  }

  stop(): void {
    this.#tick?.cancel();
  }

  /** Half of what lies between two heartbeats, so that none comes more than a quarter late. */
  get #tickMs(): number {
    return Math.min(LONGEST_TICK_MS, this.#deps.sessionTtlMs / HEARTBEATS_PER_SESSION / 2);
  }

  /**
   * Says nothing of a lease that does not hang on the session of now: a server was paused past the end of its session, and has
   * a new one; until its streams are attached to that, others give up what hung on the former one, and grant the bench.
   */
  #beat(): void {
    const { clock, replica, session, sessionTtlMs, remainingMs } = this.#deps;
    const now = clock.monotonic();
    const serverMs = replica.log.now();
    const { id } = session();
    for (const attachment of this.#attachments()) {
      const lease = replica.state.leases.get(attachment.leaseId);
      const holds = attachment.leaseId !== '';
      if (holds && lease?.session !== id) continue;
      const silenceMs = holds
        ? Math.min(LONGEST_SILENCE_MS, sessionTtlMs / HEARTBEATS_PER_SESSION)
        : LONGEST_SILENCE_MS;
      if (now - attachment.sentMs < silenceMs - this.#tickMs / 2 || attachment.sink.congested) continue;
      attachment.sentMs = now;
      attachment.sink.heartbeat(serverMs, lease && remainingMs(lease));
    }
  }
}
