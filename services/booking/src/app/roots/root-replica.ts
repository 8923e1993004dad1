import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Failpoint, Logger, Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Answer, Command } from '../../domain/model/commands.js';
import type { Done, Entry } from '../../domain/model/ledger.js';
import type { EntryPlan } from '../../domain/plan/plan-entry.js';
import { planEntry } from '../../domain/plan/plan-entry.js';
import { RootState } from '../../domain/state/root-state.js';
import type { Ledgers, StoredEntry } from '../../ports/ledger.js';
import { loadRoot } from './load-root.js';

/** Commands planned together at most. */
const BATCH = 500;
const READ = 500;
/** How often a root is read on when nobody asks for it, so that what time brings is known, and watchers hear of changes. */
const LOOK_MS = 1000;
/** The longest pause of a replica that lost a place in the ledger again and again. */
const LONGEST_PAUSE_MS = 20;

export interface RootReplicaDeps {
  readonly ledgers: Ledgers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
}

/** Hears of a root, right when its state has changed. Never throws. */
export interface RootListener {
  readonly applied?: (entry: Entry, state: RootState) => void;
  /** The state was read from the store again: anything may have changed. */
  readonly loaded?: (state: RootState) => void;
}

interface Pending {
  readonly command: Command;
  /** Gets the answer once it is durable, with the state that it left. */
  readonly done: (state: RootState, done: Done) => void;
  readonly reject: (error: unknown) => void;
}

interface Reading {
  /** Called while the state is as of the ledger, and nothing of a plan is in it. */
  readonly look: (state: RootState) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One root cluster's state on one process, and the way to change it. Any number of replicas may work on a ledger: no lock, no
 * leader.
 *
 * - Commands that arrive together are planned together on the state, appended as one entry, and answered once that is durable.
 *   Another replica may append first: A and B have read up to 6, both plan the last unit into entry 7, and the store takes
 *   one 7. B finds a duplicate, takes its plan back, reads A's 7, and plans all its commands again: B's caller is refused.
 *   So each entry was planned on exactly the entries before it, and what the planner forbids never happens.
 * - A refusal, a repeat and a read say what the ledger is like, so they are given only when it has been read on since the
 *   call came: by a read that began later, or by an append that came right after all that was read. A releases, and is
 *   answered; the caller then books through B, which has not read that: B's plan refuses, B reads on, sees the release,
 *   plans again, and books.
 * - An append that got no answer may be there or may still come. The callers are told STORE_UNAVAILABLE and repeat by their
 *   request ids; the plan is taken back. If the entry is there, the next append at its place finds a duplicate, and the entry
 *   is read with its answers; if it comes after the next append, the store refuses it as a duplicate.
 * - While a plan is in the state nothing else looks at the state: this loop does one thing at a time.
 */
export class RootReplica {
  readonly #deps: RootReplicaDeps;
  readonly #listeners = new Set<RootListener>();
  #state: RootState;
  /** The mark of the last entry in the state. */
  #mark = '';
  /** The state has to be read from the store before it is used: at first, and after it may be wrong. */
  #stale = true;
  #pending: Pending[] = [];
  #readings: Reading[] = [];
  #running = false;
  #stopped = false;
  #timer: Timer | undefined;
  /** It was said that the ledger cannot be read. */
  #isAway = false;
  /** Resolves when the loop is at rest. */
  #rest: Promise<void> = Promise.resolve();

  constructor(
    readonly root: string,
    deps: RootReplicaDeps,
  ) {
    this.#deps = deps;
    this.#state = new RootState(root);
  }

  listen(listener: RootListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Carries out a command. Resolves to what `look` finds in the state that it left, see `read`. Throws why it is refused, and
   * STORE_UNAVAILABLE.
   */
  submit<T>(command: Command, look: (state: RootState, done: Done) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (state: RootState, what: Done): void => {
        settleWith(() => look(state, what), resolve, reject);
      };
      this.#pending.push({ command, done, reject });
      this.#kick();
    });
  }

  /** What `look` finds as if commands were carried out now, with their answers; stores nothing. See `read`. */
  tryOut<T>(commands: readonly Command[], look: (state: RootState, answers: readonly Answer[]) => T): Promise<T> {
    return this.read((state) => {
      const plan = planEntry(state, commands, this.#deps.clock.now());
      try {
        return look(state, plan.answers);
      } finally {
        plan.drop();
      }
    });
  }

  /**
   * What `look` finds in the state as of the ledger now: whatever was acknowledged before this call is in it. `look` is
   * synchronous, and keeps nothing of the state but immutable objects. Throws STORE_UNAVAILABLE.
   */
  read<T>(look: (state: RootState) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const lookNow = (state: RootState): void => {
        settleWith(() => look(state), resolve, reject);
      };
      this.#readings.push({ look: lookNow, reject });
      this.#kick();
    });
  }

  /** The state as of some entry, perhaps with what is planned and not durable: good for hints only, `read` tells. */
  get hint(): RootState {
    return this.#state;
  }

  /** The mark of the last entry in the state; to be asked for within `read`. */
  get mark(): string {
    return this.#mark;
  }

  /** Begins to look by itself for what others wrote, and to propose what time brings. */
  start(): void {
    this.#lookSoon();
  }

  /** Refuses what comes from now on; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#rest;
    this.#refuse(shuttingDown());
  }

  #kick(): void {
    if (this.#stopped) this.#refuse(shuttingDown());
    if (this.#running || this.#stopped) return;
    this.#running = true;
    // After the events that are in already: what arrives in one turn of the loop is planned together.
    this.#rest = new Promise((resolve) => {
      setImmediate(() => void this.#run().then(resolve));
    });
  }

  async #run(): Promise<void> {
    while (this.#pending.length + this.#readings.length > 0 && !this.#stopped) {
      const batch = this.#pending.splice(0, BATCH);
      const readings = this.#readings.splice(0);
      try {
        if (this.#stale) await this.#load();
        await this.#work(batch, readings);
      } catch (error) {
        for (const { reject } of [...batch, ...readings]) reject(error);
      }
    }
    this.#running = false;
    this.#lookSoon();
  }

  async #work(batch: readonly Pending[], readings: readonly Reading[]): Promise<void> {
    // What has come due is planned also when nobody asks for anything.
    const isCurrent = batch.length > 0 || this.#isDue() ? await this.#commit(batch) : false;
    if (readings.length > 0 && !isCurrent) await this.#readOn();
    for (const { look } of readings) look(this.#state);
  }

  #isDue(): boolean {
    return (this.#state.nextDueMs() ?? Infinity) <= this.#deps.clock.now();
  }

  /**
   * Plans the batch until the ledger takes it. Resolves to whether the state is as of a time after the call: always but for an
   * empty batch that had nothing to do.
   */
  async #commit(batch: readonly Pending[]): Promise<boolean> {
    let items = batch;
    let isCurrent = false;
    for (let losses = 0; ;) {
      const plan = this.#plan(items);
      const { entry } = plan;
      if (entry === undefined) {
        plan.drop();
        if (items.length === 0) return isCurrent;
        if (!isCurrent) {
          isCurrent = true;
          if (await this.#readOn()) continue;
        }
        this.#answerAll(items, plan);
        return true;
      }
      if (!(await this.#append(plan, entry))) {
        isCurrent = true;
        losses += 1;
        // Two replicas that try again at once would meet again.
        if (losses > 1) await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, losses));
        continue;
      }
      isCurrent = true;
      await this.#deps.failpoint('booking.beforeAnswer');
      this.#answerAll(items, plan);
      items = items.slice(plan.taken);
      // An entry has room for so much; what else is due has the next one.
      if (items.length === 0 && !this.#isDue()) return true;
    }
  }

  #plan(items: readonly Pending[]): EntryPlan {
    try {
      return planEntry(
        this.#state,
        items.map(({ command }) => command),
        this.#deps.clock.now(),
      );
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  /** Appends what is planned; resolves to false, with the plan taken back, when another replica was first. */
  async #append(plan: EntryPlan, entry: Entry): Promise<boolean> {
    const { ledgers, failpoint } = this.#deps;
    let mark: string | undefined;
    try {
      await failpoint('booking.beforeAppend');
      mark = await ledgers.append(this.root, entry, this.#mark);
    } catch (error) {
      plan.drop();
      throw error;
    }
    if (mark === undefined) {
      plan.drop();
      // The store said that there is an entry. One that we cannot read yet comes soon.
      if (!(await this.#readOn())) await sleep(1);
      return false;
    }
    plan.keep();
    this.#mark = mark;
    this.#tell(entry);
    await failpoint('booking.afterAppend');
    return true;
  }

  /** Gives the answers of a plan to the commands that it took. */
  #answerAll(items: readonly Pending[], { answers, taken }: EntryPlan): void {
    for (const [at, { done, reject }] of items.slice(0, taken).entries()) {
      const answer = answers[at];
      if (answer === undefined) reject(new Error('a command has no answer'));
      else if ('refused' in answer) reject(answer.refused);
      else done(this.#state, answer.done);
    }
  }

  /** Applies what others appended. Resolves to whether there was anything. */
  async #readOn(): Promise<boolean> {
    const { sequence } = this.#state;
    for (;;) {
      const entries = await this.#deps.ledgers.read(this.root, this.#state.sequence, READ);
      for (const stored of entries) {
        if (!this.#follows(stored)) {
          await this.#load();
          return true;
        }
        this.#apply(stored);
      }
      if (entries.length < READ) return this.#state.sequence > sequence;
    }
  }

  #follows({ entry, after }: StoredEntry): boolean {
    return entry.sequence === this.#state.sequence + 1 && after === this.#mark;
  }

  #apply({ entry, mark }: StoredEntry): void {
    try {
      this.#state.apply(entry);
    } catch (error) {
      // Half an entry is applied: nothing may be planned on such a state.
      this.#stale = true;
      throw error;
    }
    this.#mark = mark;
    this.#tell(entry);
  }

  #tell(entry: Entry): void {
    for (const { applied } of this.#listeners) applied?.(entry, this.#state);
  }

  /** Reads the state from the store again. */
  async #load(): Promise<void> {
    const { ledgers, logger } = this.#deps;
    this.#stale = true;
    const { state, mark } = await loadRoot(ledgers, logger, this.root);
    this.#state = state;
    this.#mark = mark;
    this.#stale = false;
    for (const { loaded } of this.#listeners) loaded?.(state);
  }

  /** Looks for itself after a while, or when something comes due. */
  #lookSoon(): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    const { clock } = this.#deps;
    const dueMs = (this.#stale ? undefined : this.#state.nextDueMs()) ?? Infinity;
    const inMs = dueMs - clock.now();
    // What is due now was tried a moment ago.
    this.#timer = clock.after(inMs > 0 ? Math.min(LOOK_MS, inMs) : LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { logger } = this.#deps;
    try {
      await this.read(() => undefined);
      this.#isAway = false;
    } catch (error) {
      if (this.#isAway || this.#stopped) return;
      this.#isAway = true;
      logger.warn({ err: error, root: this.root }, 'a ledger cannot be read on; trying again');
    }
  }

  #refuse(error: BerthError): void {
    for (const { reject } of [...this.#pending.splice(0), ...this.#readings.splice(0)]) reject(error);
  }
}

function settleWith<T>(look: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    resolve(look());
  } catch (error) {
    reject(error);
  }
}

function shuttingDown(): BerthError {
  return new BerthError('SHUTTING_DOWN', 'the server is stopping; try again with the same request_id.');
}
