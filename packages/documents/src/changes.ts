import type { Clock } from '@berth/kernel';
import type { Collection, Stored } from '@berth/storage';
import { inChunks } from './in-chunks.js';
import { pages } from './pages.js';
import type { Changing } from './watcher.js';
import { Watcher } from './watcher.js';

/** How often changes of other processes are looked for. */
const LOOK_MS = 1000;
/** A change may become visible so much later than the time it bears: its write took time, its writer's clock is behind. */
const LATEST_MS = 5000;
const PAGE = 500;

/** Told once a look is over, or that it failed. */
interface Joining<T extends Changing> {
  readonly watcher: Watcher<T>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The changes of a collection as a stream, read once for all watchers of this process, while there are any.
 *
 * - Told is what is stored: a document as a read found it after its write was durable, never as a command planned it.
 * - Each watcher is told of every document that changes while it watches, at least once: of changes in quick succession of
 *   the last. The last change of a document is told last; there is no order between documents.
 * - A removal is not told.
 *
 * What this process changes is read by its ids as soon as it is written, what others change by a look at every `LOOK_MS`.
 * Each look begins `LATEST_MS` before the look before it: whatever was not visible then bears no earlier time, as long as the
 * clocks of two processes differ by less than that, less the time of a write. What bears a time to come (a clock that is
 * ahead) is in every look, and told once.
 */
export class Changes<T extends Changing> {
  readonly #watchers = new Set<Watcher<T>>();
  /** What this process changed and has not read since. */
  readonly #own = new Set<string>();
  /** The versions that were told within the overlap of two looks. */
  readonly #told = new Map<string, { readonly revision: string; readonly updateMs: number }>();
  #joining: Joining<T>[] = [];
  #running = false;
  #wake: () => void = () => undefined;
  #lookedMs = 0;
  #lookedAt = 0;
  #looks = 0;

  constructor(
    private readonly collection: Collection<T>,
    private readonly clock: Clock,
  ) {}

  /** Has documents told that this process changed, or perhaps changed. For after the write: before, the old one is read. */
  tell(ids: Iterable<string>): void {
    // Without a watcher nothing is kept: the first one begins with a look.
    if (!this.#running) return;
    for (const id of ids) this.#own.add(id);
    this.#wake();
  }

  /**
   * Documents as they change: those that changed since `fromMs` (absent: now), then what changes, until the signal aborts.
   * Throws STORE_UNAVAILABLE, to all watchers: each may watch again.
   */
  async *watch(fromMs: number | undefined, signal: AbortSignal): AsyncGenerator<Stored<T>, void, undefined> {
    const watcher = new Watcher<T>(fromMs ?? -Infinity, signal);
    try {
      // Joins at the end of a look: what the look has found was there before, and all that is found later is told.
      await this.#join(watcher);
      yield* this.#since(fromMs, watcher);
      yield* watcher.changes(() => this.#looks);
    } finally {
      this.#watchers.delete(watcher);
      this.#wake();
    }
  }

  /** What had changed when the watcher joined; what the next look finds of that again is known. */
  async *#since(fromMs: number | undefined, watcher: Watcher<T>): AsyncGenerator<Stored<T>, void, undefined> {
    if (fromMs === undefined) return;
    for await (const stored of this.#changedSince(fromMs)) {
      if (watcher.over) return;
      watcher.markKnown(stored);
      yield stored;
    }
    // One look may be under way since before the end of this; the one after it finds nothing of this.
    watcher.forgetAfter(this.#looks + 2);
  }

  #join(watcher: Watcher<T>): Promise<void> {
    return new Promise((done, failed) => {
      this.#joining.push({ watcher, done, failed });
      this.#wake();
      if (this.#running) return;
      this.#running = true;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#lookedMs = this.clock.now();
    try {
      while (this.#watchers.size + this.#joining.length > 0) {
        await this.#tellOwn();
        if (this.#isDue()) await this.#look();
        else await this.#somethingToDo();
      }
    } catch (error) {
      for (const { failed } of this.#joining.splice(0)) failed(error);
      for (const watcher of this.#watchers) watcher.fail(error);
      this.#watchers.clear();
    } finally {
      // Nothing is awaited between the last look at who is there and this: a watcher that comes now starts another run.
      this.#running = false;
      this.#told.clear();
      this.#own.clear();
    }
  }

  #isDue(): boolean {
    return this.#joining.length > 0 || this.clock.monotonic() - this.#lookedAt >= LOOK_MS;
  }

  /** Level-triggered: what came in before the wait ends it at once. */
  #somethingToDo(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(LOOK_MS, () => {
        this.#wake();
      });
      this.#wake = () => {
        timer.cancel();
        this.#wake = () => undefined;
        resolve();
      };
      if (this.#own.size > 0 || this.#watchers.size + this.#joining.length === 0 || this.#isDue()) this.#wake();
    });
  }

  async #look(): Promise<void> {
    const joining = this.#joining.splice(0);
    this.#lookedAt = this.clock.monotonic();
    const beganMs = this.clock.now();
    try {
      for await (const stored of this.#changedSince(this.#lookedMs - LATEST_MS)) this.#tellAll(stored);
    } catch (error) {
      for (const { failed } of joining) failed(error);
      throw error;
    }
    this.#lookedMs = beganMs;
    for (const [id, { updateMs }] of this.#told) if (updateMs < beganMs - 2 * LATEST_MS) this.#told.delete(id);
    this.#looks += 1;
    for (const { watcher, done } of joining) {
      this.#watchers.add(watcher);
      done();
    }
  }

  /** Reads what is there now, so that of two changes the later is told last, whichever was announced first. */
  async #tellOwn(): Promise<void> {
    const ids = [...this.#own];
    this.#own.clear();
    for (const chunk of inChunks(ids)) {
      for (const stored of await this.collection.getMany(chunk)) {
        // A command that changed nothing names one that was told long ago.
        if (stored.value.updateMs >= this.#lookedMs - LATEST_MS) this.#tellAll(stored);
      }
    }
  }

  #tellAll(stored: Stored<T>): void {
    const {
      value: { id, updateMs },
      revision,
    } = stored;
    if (this.#told.get(id)?.revision === revision) return;
    this.#told.set(id, { revision, updateMs });
    for (const watcher of this.#watchers) watcher.take(stored);
  }

  async *#changedSince(sinceMs: number): AsyncGenerator<Stored<T>, void, undefined> {
    const query = { where: { updateMs: { from: sinceMs } }, orderBy: { field: 'updateMs' }, limit: PAGE };
    for await (const page of pages(this.collection, query)) yield* page;
  }
}
