import type { Clock, Logger, Timer } from '@berth/kernel';
import { BerthError, randomId } from '@berth/kernel';
import { planSessionLost } from '../domain/index.js';
import type { Command } from './command.js';
import type { Replica } from './replica.js';

/** See HEARTBEATS_PER_SESSION in heartbeats.ts. */
const BEATS_PER_LIFE = 4;

export interface SessionDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the session lives without a beat. */
  readonly ttlMs: number;
  /** True when other processes have sessions of their own. */
  readonly shared: boolean;
  /** The commands that attach this process's streams to a new session, after it was paused past the end of its own. */
  readonly reattach: () => readonly Command<unknown>[];
  /** Sees to it that this is done, also when the store is away for a moment. */
  readonly attachAgain: () => void;
}

/**
 * What the streams of this process hang on: one key in the store that lives as long as the process beats. Other replicas
 * see when it is gone, and end (or keep for their grace) what hung on it; so do we for them.
 */
export class Session {
  id = randomId('se');
  /** Sessions of this process that have run out. */
  readonly #formers = new Set<string>();
  readonly #deps: SessionDeps;
  #timer: Timer | undefined;
  #stopped = false;
  /** When the last beat that was accepted was *sent*, on the monotonic clock. */
  #beatMs = 0;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  /** True of this process's session, and of those that it had before. */
  isOurs(session: string): boolean {
    return session === this.id || this.#formers.has(session);
  }

  /**
   * For how long a connection lease is valid from now on without another beat. Its stream may break now, and its grace begin; or
   * the session runs out, and it begins then. Nothing else gives up what hangs on the session.
   */
  validMs(graceMs: number): number {
    const { shared, ttlMs, clock } = this.#deps;
    // Negative when others may have found it gone for so long.
    const livesMs = shared ? this.#beatMs + ttlMs - clock.monotonic() : ttlMs;
    return Math.max(livesMs, graceMs + Math.min(0, livesMs));
  }

  /** Opens the session; tells whether any other process that has streams is alive. */
  async start(): Promise<boolean> {
    await this.#open(this.id);
    const { alive } = await this.#others();
    return alive.size > 0;
  }

  /** From now on beats, and looks after sessions of processes that are gone. */
  async run(): Promise<void> {
    await this.#lookAfterOthers();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#deps.replica.log.closeSession(this.id);
  }

  async #open(session: string): Promise<void> {
    const { replica, ttlMs, clock } = this.#deps;
    const sentMs = clock.monotonic();
    await replica.log.openSession(session, ttlMs);
    this.#beatMs = sentMs;
  }

  #schedule(): void {
    const { clock, ttlMs } = this.#deps;
    if (!this.#stopped) this.#timer = clock.after(ttlMs / BEATS_PER_LIFE, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    try {
      await this.beat();
      await this.#lookAfterOthers();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the session could not be renewed; trying again');
    }
    this.#schedule();
  }

  /** Renews the session in the store, or takes a new one when it is gone there. */
  async beat(): Promise<void> {
    const { replica, ttlMs, clock } = this.#deps;
    const sentMs = clock.monotonic();
    if (await replica.log.beat(this.id, ttlMs)) this.#beatMs = sentMs;
    else if (!this.#stopped) await this.#renew();
  }

  /**
   * A gone session never comes back: takes a new one. Others may have ended what hung on the old one, or not yet. The new one
   * is taken only once it is known to be open: the call that opens it may reach the store late, when others have already found
   * it missing and given up what was attached to it meanwhile; from then on it would live, and nothing be attached again.
   */
  async #renew(): Promise<void> {
    const session = randomId('se');
    await this.#open(session);
    const former = this.id;
    this.#formers.add(former);
    this.id = session;
    this.#deps.logger.warn({ former, session }, 'the session had run out; streams are attached to a new one');
    this.#deps.attachAgain();
  }

  /**
   * What must be planned before a grant to a stream of a dead session is planned again (see ReplicaDeps.sessionDead): all that
   * are dead at once. When each of two dead sessions has a lease and a waiter for the lease of the other, the loss of either
   * alone would grant to the other, and be refused, for ever.
   */
  async dead(session: string): Promise<readonly Command<unknown>[]> {
    if (session !== this.id) return [lostCommand(session, ...(await this.#deadSessions()))];
    // What is still planned while the server stops: its callers come back to another one.
    if (this.#stopped)
      throw new BerthError('SHUTTING_DOWN', 'the server shuts down; call again.', { retryAfterMs: 500 });
    await this.#renew();
    return this.#deps.reattach();
  }

  /** Sessions that requests or leases hang on, but that live no more: proposes it, and the store checks it. */
  async #lookAfterOthers(): Promise<void> {
    for (const session of await this.#deadSessions()) this.#submit(lostCommand(session));
  }

  async #deadSessions(): Promise<string[]> {
    const { sessions, alive } = await this.#others();
    return sessions.filter((session) => !alive.has(session));
  }

  /** Sessions of other processes that requests or leases hang on, and those of them that live. */
  async #others(): Promise<{ readonly sessions: readonly string[]; readonly alive: ReadonlySet<string> }> {
    const sessions = this.#foreignSessions();
    const alive = sessions.length === 0 ? new Set<string>() : await this.#deps.replica.log.aliveSessions(sessions);
    return { sessions, alive };
  }

  #foreignSessions(): string[] {
    const { state } = this.#deps.replica;
    const sessions = new Set<string>();
    for (const { session, detachedUntilMs } of [...state.requests.values(), ...state.leases.values()]) {
      if (session !== '' && detachedUntilMs === undefined) sessions.add(session);
    }
    sessions.delete(this.id);
    return [...sessions];
  }

  #submit(command: Command<unknown>): void {
    this.#deps.replica.submit(command).catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, 'a session could not be looked after; trying again');
    });
  }
}

function lostCommand(...sessions: readonly string[]): Command<unknown> {
  return {
    requestId: '',
    fingerprint: '',
    plan: (draft) => planSessionLost(draft, ...sessions),
    // It lives after all.
    refused: (step) => step.kind === 'sessionGone',
  };
}
