import type { Command } from '@berth/documents';
import { carryOutOne } from '@berth/documents';
import type { Actor, Clock, Logger, RequestKey, Timer } from '@berth/kernel';
import { BerthError, didYouMean } from '@berth/kernel';
import type { InForce, PoolInForce } from '../domain/in-force.js';
import { IN_FORCE, nothingInForce, poolsOf, withoutRemoved, withPools } from '../domain/in-force.js';
import type { PoolChange } from '../domain/options/diff-pools.js';
import { diffPools } from '../domain/options/diff-pools.js';
import type { PoolOptions, PoolState } from '../domain/options/options.js';
import type { PoolDocument } from '../domain/pool-document.js';
import { newPoolDocument } from '../domain/pool-document.js';
import type { Collection, Stored } from '../ports/collections.js';

/** How often it is looked whether another replica has put other pools in force. */
const LOOK_MS = 500;

export interface PoolsInForceDeps {
  readonly inForce: Collection<InForce>;
  readonly pools: Collection<PoolDocument>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For how long repeats of a request id are answered. */
  readonly requestIdTtlMs: number;
}

/** A command that cannot be repeated. */
const NO_KEY: RequestKey = { id: '', fingerprint: '' };

/** What an operator sets a pool to. */
export interface NewState {
  readonly state: PoolState;
  readonly reason: string;
  readonly actor: Actor;
}

/** The pools in force: as the stored document says, which every replica follows. */
export class PoolsInForce {
  #stored: Stored<InForce> | undefined;
  #pools: ReadonlyMap<string, PoolInForce> = new Map();
  readonly #listeners = new Set<() => void>();
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly deps: PoolsInForceDeps) {}

  /** Reads the document, and follows it from then on. Throws STORE_UNAVAILABLE. */
  async start(): Promise<void> {
    const { inForce } = this.deps;
    const found = await inForce.get(IN_FORCE);
    if (found === undefined) await inForce.insert([nothingInForce()]);
    await this.#look();
    this.#lookSoon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  /** All pools by name, those included that have left the file and are not yet gone. */
  get all(): readonly PoolInForce[] {
    return [...this.#pools.values()];
  }

  get document(): InForce {
    if (this.#stored === undefined) throw new Error('the pools in force are used before they are read');
    return this.#stored.value;
  }

  /** The pool with this name. Throws NO_SUCH_POOL. */
  named(name: string): PoolInForce {
    const found = this.#pools.get(name);
    if (found === undefined) throw noSuchPool(name, [...this.#pools.keys()]);
    return found;
  }

  /** Calls back after each change of what is in force, and after each SetPoolState. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What would change if these pools were taken. */
  changesTo(pools: readonly PoolOptions[]): readonly PoolChange[] {
    return diffPools(this.#present(), pools);
  }

  /** Puts the pools of a text in force, for the caller of ApplyPools. Answers what changed; nothing for a repeat. */
  async apply(pools: readonly PoolOptions[], origin: string, key: RequestKey): Promise<readonly PoolChange[]> {
    return this.#take(pools, { origin }, key);
  }

  /** Puts the pools of the file in force, unless the same file was the last to be taken. Answers what changed. */
  async takeFile(pools: readonly PoolOptions[], fileHash: string): Promise<readonly PoolChange[]> {
    if (this.document.fileHash !== fileHash) return this.#take(pools, { origin: 'file', fileHash }, NO_KEY);
    await this.noteFileFault('');
    return [];
  }

  /** Notes why the present file is not taken, for those who ask what is in force. */
  async noteFileFault(fileFault: string): Promise<void> {
    if (this.document.fileFault === fileFault) return;
    await this.#change(NO_KEY, (before) => ({ ...before, fileFault }));
  }

  /** Forgets a pool that has left the file, once nothing of it is left. */
  async forget(name: string): Promise<void> {
    await this.#change(NO_KEY, (before) => withoutRemoved(before, name));
  }

  /** Sets what a pool does, whatever its file says; ACTIVE gives it back to the file. Throws NO_SUCH_POOL. */
  async setState(name: string, { state, reason, actor }: NewState, key: RequestKey): Promise<void> {
    const { pools, clock, requestIdTtlMs } = this.deps;
    this.named(name);
    // When it is there already, that is what is wanted.
    if ((await pools.get(name)) === undefined) await pools.insert([newPoolDocument(name, clock.now())]);
    const nowMs = clock.now();
    const plan: Command<PoolDocument>['plan'] = ({ value: { override: _, ...others } }) => {
      const override = state === 'ACTIVE' ? undefined : { actor, state, reason, timeMs: nowMs };
      return { ...others, ...(override && { override }), updateMs: nowMs };
    };
    const notFound = () => noSuchPool(name, []);
    await carryOutOne(pools, { id: name, key, plan }, { nowMs, keepAnswersMs: requestIdTtlMs, notFound });
    // The document beside it has changed: a sign for all replicas.
    await this.#change(NO_KEY, (before) => before);
  }

  async #take(
    pools: readonly PoolOptions[],
    from: Parameters<typeof withPools>[2],
    key: RequestKey,
  ): Promise<readonly PoolChange[]> {
    let changes: readonly PoolChange[] = [];
    await this.#change(key, (before, nowMs) => {
      changes = diffPools(before.pools, pools);
      return withPools(before, pools, from, nowMs);
    });
    const { logger } = this.deps;
    const summary = changes.map(({ pool, kind, options }) => ({
      pool,
      kind,
      options: options.map(({ option }) => option),
    }));
    if (changes.length > 0) logger.info({ changes: summary, ...from }, 'other pools are in force');
    return changes;
  }

  async #change(key: RequestKey, plan: (before: InForce, nowMs: number) => InForce | undefined): Promise<void> {
    const { inForce, clock, requestIdTtlMs } = this.deps;
    const nowMs = clock.now();
    const notFound = () => new BerthError('INTERNAL', 'the document of the pools in force is gone; restart berthd');
    const next: Command<InForce>['plan'] = ({ value }) => {
      const planned = plan(value, nowMs);
      return planned && { ...planned, version: value.version + 1 };
    };
    const command: Command<InForce> = { id: IN_FORCE, key, plan: next };
    this.#use(await carryOutOne(inForce, command, { nowMs, keepAnswersMs: requestIdTtlMs, notFound }));
  }

  #present(): readonly PoolOptions[] {
    return this.all.filter(({ removed }) => !removed).map(({ options }) => options);
  }

  #use(stored: Stored<InForce>): void {
    // One that was read before a write of our own must not undo it.
    if (stored.value.version <= (this.#stored?.value.version ?? -1)) return;
    this.#stored = stored;
    this.#pools = new Map(poolsOf(stored.value).map((pool) => [pool.options.name, pool]));
    for (const listener of this.#listeners) listener();
  }

  async #look(): Promise<void> {
    const stored = await this.deps.inForce.get(IN_FORCE);
    if (stored !== undefined) this.#use(stored);
  }

  #lookSoon(): void {
    if (this.#stopped) return;
    this.#timer = this.deps.clock.after(LOOK_MS, () => {
      const { logger } = this.deps;
      const failed = (error: unknown): void => {
        logger.warn({ err: error }, 'it cannot be read which pools are in force; what was last read is used');
      };
      this.#looking = this.#look()
        .catch(failed)
        .finally(() => {
          this.#lookSoon();
        });
    });
  }
}

function noSuchPool(name: string, names: readonly string[]): BerthError {
  const message = `there is no pool '${name}'${didYouMean(name, names)} List them with 'berth pool ls'.`;
  return new BerthError('NO_SUCH_POOL', message, { resource: { type: 'pool', name } });
}
