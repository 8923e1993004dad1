import { BerthError } from '@berth/kernel';
import type { EventLogStore } from '@berth/storage';
import type { EventLog } from '../ports/event-log.js';

/** For tests: a store of one lab whose appends a test holds back, or lets fail, on the way there. */
export interface HeldStore extends EventLogStore {
  /** From now on appends wait. */
  hold(): void;
  /** Resolves when an append waits. */
  held(): Promise<void>;
  /** Sends what waits, and lets others pass. */
  release(): void;
  /** What waits never arrives, and is answered with STORE_UNAVAILABLE; others pass. */
  fail(): void;
  /** The next append is committed, but answered with STORE_UNAVAILABLE. */
  lose(): void;
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: BerthError) => void;
}

function gateOf(): Gate {
  let settle: Pick<Gate, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (settle === undefined) throw new Error('unreachable');
  return { promise, ...settle };
}

/** Where calls wait while a test wants it so. */
function waitingPlace() {
  let gate: Gate | undefined;
  let arrived = gateOf();
  return {
    /** What a call waits for there. */
    pass: async () => {
      arrived.resolve();
      await gate?.promise;
    },
    hold: () => {
      gate = gateOf();
      arrived = gateOf();
    },
    held: () => arrived.promise,
    release: () => {
      gate?.resolve();
      gate = undefined;
    },
    fail: () => {
      gate?.reject(unavailable());
      gate = undefined;
    },
  };
}

/** A store around another one. */
export function heldStore(store: EventLogStore): HeldStore {
  const { pass, ...place } = waitingPlace();
  let losing = false;
  const append =
    (log: EventLog): EventLog['append'] =>
    async (batch) => {
      await pass();
      const result = await log.append(batch);
      if (!losing) return result;
      losing = false;
      throw unavailable();
    };
  return {
    ...outer(store, (log) => ({ append: append(log) })),
    ...place,
    lose: () => {
      losing = true;
    },
  };
}

/** A store that calls of one kind reach late, while a test wants it so. */
export interface LateStore extends EventLogStore {
  /** From now on such a call is answered with STORE_UNAVAILABLE, and on its way. */
  late(): void;
  /** Resolves when one is on its way. */
  underWay(): Promise<void>;
  /** From now on calls are on time again. */
  onTime(): void;
  /** All that are on their way arrive, and later ones are on time again. */
  arrive(): Promise<void>;
}

/** A store around another one. */
export function lateStore(store: EventLogStore, kind: 'openSession' | 'append'): LateStore {
  const onTheirWay: (() => Promise<unknown>)[] = [];
  let isLate = false;
  let sent = gateOf();
  const late =
    (call: (...args: readonly unknown[]) => Promise<unknown>) =>
    (...args: readonly unknown[]): Promise<unknown> => {
      if (!isLate) return call(...args);
      onTheirWay.push(() => call(...args));
      sent.resolve();
      return Promise.reject(unavailable());
    };
  return {
    ...outer(store, (log) => ({ [kind]: late(methodOf(log, kind)) })),
    late: () => {
      isLate = true;
      sent = gateOf();
    },
    underWay: () => sent.promise,
    onTime: () => {
      isLate = false;
    },
    arrive: async () => {
      isLate = false;
      for (const arrives of onTheirWay.splice(0)) await arrives();
    },
  };
}

/** A store that does calls of one kind at once, and answers them late while a test wants it so. */
export interface SlowStore extends EventLogStore {
  /** From now on answers wait. */
  hold(): void;
  /** Resolves when an answer waits. */
  held(): Promise<void>;
  /** Sends what waits, and lets others pass. */
  release(): void;
}

/** A store around another one. */
export function slowStore(store: EventLogStore, kind: 'append' | 'deadlines'): SlowStore {
  const { pass, hold, held, release } = waitingPlace();
  const slow =
    (call: (...args: readonly unknown[]) => Promise<unknown>) =>
    async (...args: readonly unknown[]): Promise<unknown> => {
      const answer = await call(...args);
      await pass();
      return answer;
    };
  return { ...outer(store, (log) => ({ [kind]: slow(methodOf(log, kind)) })), hold, held, release };
}

/** A store that says, when a test wants it so, that it has lost something. */
export interface LossyStore extends EventLogStore {
  /** The next append is refused as one on a log that cannot be continued. */
  lose(): void;
  /** What was called since then, in order: `append`, and `beat` of a session. */
  readonly calls: readonly string[];
}

/** A store around another one. */
export function lossyStore(store: EventLogStore): LossyStore {
  const calls: string[] = [];
  let losing = false;
  const append =
    (log: EventLog): EventLog['append'] =>
    (batch) => {
      calls.push('append');
      if (!losing) return log.append(batch);
      losing = false;
      return Promise.resolve({ outcome: 'lost' });
    };
  const beat =
    (log: EventLog): EventLog['beat'] =>
    (...call) => {
      calls.push('beat');
      return log.beat(...call);
    };
  return {
    ...outer(store, (log) => ({ append: append(log), beat: beat(log) })),
    calls,
    lose: () => {
      losing = true;
      calls.length = 0;
    },
  };
}

/** A store of which a follower reads nothing until a test lets it. */
export interface BehindStore extends EventLogStore {
  /** What was committed meanwhile is read now, from where the follower is. */
  goOn(): void;
}

/** A store around another one. */
export function behindStore(store: EventLogStore): BehindStore {
  const gate = gateOf();
  const follow = (log: EventLog): EventLog['follow'] =>
    async function* (after, signal) {
      await gate.promise;
      yield* log.follow(after, signal);
    };
  return {
    ...outer(store, (log) => ({ follow: follow(log) })),
    goOn: () => {
      gate.resolve();
    },
  };
}

/** A store whose logs have some other methods. */
function outer(store: EventLogStore, others: (log: EventLog) => Partial<EventLog>): EventLogStore {
  return {
    engine: store.engine,
    shared: store.shared,
    open: async (lab) => wrapped(await store.open(lab), others),
    labs: () => store.labs(),
    has: (lab) => store.has(lab),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

function methodOf(
  log: EventLog,
  kind: 'openSession' | 'append' | 'deadlines',
): (...args: readonly unknown[]) => Promise<unknown> {
  return log[kind].bind(log) as (...args: readonly unknown[]) => Promise<unknown>;
}

function unavailable(): BerthError {
  return new BerthError('STORE_UNAVAILABLE', 'the store does not answer', { retryAfterMs: 1 });
}

/** The log with some other methods. Its own have private parts, so they run on the log itself. */
function wrapped(log: EventLog, others: (log: EventLog) => Partial<EventLog>): EventLog {
  const changed = others(log);
  return new Proxy(log, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
