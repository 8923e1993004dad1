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

/** A store around another one. */
export function heldStore(store: EventLogStore): HeldStore {
  let gate: Gate | undefined;
  let arrived = gateOf();
  let losing = false;
  const append =
    (log: EventLog): EventLog['append'] =>
    async (batch) => {
      arrived.resolve();
      await gate?.promise;
      const result = await log.append(batch);
      if (!losing) return result;
      losing = false;
      throw unavailable();
    };
  return {
    engine: store.engine,
    shared: store.shared,
    open: async (lab) => wrapped(await store.open(lab), append),
    labs: () => store.labs(),
    has: (lab) => store.has(lab),
    ping: () => store.ping(),
    close: () => store.close(),
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
    lose: () => {
      losing = true;
    },
  };
}

function unavailable(): BerthError {
  return new BerthError('STORE_UNAVAILABLE', 'the store does not answer', { retryAfterMs: 1 });
}

/** The log with another `append`. Its methods have private parts, so they run on the log itself. */
function wrapped(log: EventLog, append: (log: EventLog) => EventLog['append']): EventLog {
  return new Proxy(log, {
    get: (target, name) => {
      if (name === 'append') return append(target);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
