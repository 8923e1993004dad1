import type { Clock, Logger } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { EventLog } from '../ports/event-log.js';
import type { LeaseMetrics } from './lease-metrics.js';

/** How often a store that does not work is asked whether it does. */
const CHECK_MS = 1000;

export interface StoreHealthDeps {
  readonly store: { ping(): Promise<void> };
  readonly clock: Clock;
  /** Told whether the store takes what it is given, and why not, whenever that changes. */
  readonly storeWorks: (works: boolean, why?: unknown) => void;
  /** Told of each append. */
  readonly appends?: Pick<LeaseMetrics, 'appended' | 'appendFailed'> | undefined;
}

/** Whether the store is away, or answers what nobody understands; a store that is being closed is neither. */
function isFailure(error: unknown): boolean {
  return !(error instanceof BerthError) || error.reason === 'STORE_UNAVAILABLE';
}

/**
 * Whether the store works. Each log has a say of its own: what one lab can still write does not hide that another cannot.
 * A log whose call failed counts as not working until it takes an append, or the store answers a ping.
 */
export class StoreHealth {
  readonly #deps: StoreHealthDeps;
  /** With the number of its last failure. */
  readonly #failing = new Map<EventLog, number>();
  #failures = 0;
  #checking = false;

  constructor(deps: StoreHealthDeps) {
    this.#deps = deps;
  }

  /** The log, with an eye on what becomes of its calls. */
  watched(log: EventLog): EventLog {
    const { clock, appends } = this.#deps;
    const look = async <R>(call: Promise<R>, append?: typeof appends): Promise<R> => {
      try {
        return await call;
      } catch (error) {
        append?.appendFailed();
        if (isFailure(error)) this.#fails(log, error);
        throw error;
      }
    };
    return {
      now: () => log.now(),
      append: async (batch) => {
        const begunMs = clock.monotonic();
        const result = await look(log.append(batch), appends);
        appends?.appended(result, clock.monotonic() - begunMs);
        if (result.outcome === 'committed') this.#works([log]);
        return result;
      },
      load: () => look(log.load()),
      read: (after, limit) => look(log.read(after, limit)),
      follow: (after, signal) => log.follow(after, signal),
      saveSnapshot: (snapshot) => look(log.saveSnapshot(snapshot)),
      trim: (upTo) => look(log.trim(upTo)),
      bookmark: (reader) => look(log.bookmark(reader)),
      setBookmark: (reader, position) => look(log.setBookmark(reader, position)),
      touch: (leases, missing) => look(log.touch(leases, missing)),
      deadlines: (leases) => look(log.deadlines(leases)),
      openSession: (session, ttlMs) => look(log.openSession(session, ttlMs)),
      beat: (session, ttlMs) => look(log.beat(session, ttlMs)),
      closeSession: (session) => look(log.closeSession(session)),
      aliveSessions: (sessions) => look(log.aliveSessions(sessions)),
      recall: (id) => look(log.recall(id)),
      ...(log.onRecovered && { onRecovered: log.onRecovered.bind(log) }),
      close: () => log.close(),
    };
  }

  #fails(log: EventLog, why: unknown): void {
    this.#failures += 1;
    this.#failing.set(log, this.#failures);
    this.#deps.storeWorks(false, why);
    if (this.#checking) return;
    this.#checking = true;
    this.#checkLater();
  }

  #works(logs: Iterable<EventLog>): void {
    if (this.#failing.size === 0) return;
    for (const log of logs) this.#failing.delete(log);
    if (this.#failing.size === 0) this.#deps.storeWorks(true);
  }

  #checkLater(): void {
    this.#deps.clock.after(CHECK_MS, () => {
      // A log that fails while the ping is on its way has failed later than what the ping tells of.
      const before = this.#failures;
      this.#deps.store.ping().then(
        () => {
          this.#works([...this.#failing].flatMap(([log, failure]) => (failure <= before ? [log] : [])));
          this.#checking = this.#failing.size > 0;
          if (this.#checking) this.#checkLater();
        },
        () => {
          this.#checkLater();
        },
      );
    });
  }
}

/** The logger of a lab: that the store is away is told once, by `storeWorks`, and not again by each who waits for it. */
export function onceAnOutage(logger: Logger): Logger {
  const isTold = (context: object): boolean =>
    'err' in context && context.err instanceof BerthError && context.err.reason === 'STORE_UNAVAILABLE';
  return {
    info: (context, message) => {
      logger.info(context, message);
    },
    warn: (context, message) => {
      if (!isTold(context)) logger.warn(context, message);
    },
    error: (context, message) => {
      if (!isTold(context)) logger.error(context, message);
    },
  };
}
