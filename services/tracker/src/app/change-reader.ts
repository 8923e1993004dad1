import { inChunks } from '@berth/documents';
import type { Clock } from '@berth/kernel';
import type { Allocation } from '../domain/index.js';
import type { Collection, Stored } from '../ports/collections.js';
import type { LocalChanges } from './local-changes.js';
import { Watcher } from './watcher.js';

/** How often changes of other processes are looked for. */
const LOOK_MS = 1000;
/** A change may become visible so much later than the time it bears: its write took time, its writer's clock is behind. */
const LATEST_MS = 5000;
const PAGE = 500;

/** Told once a look is over, or that it failed. */
interface Joining {
  readonly watcher: Watcher;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Reads the changes of allocations once for all watchers of this process, while there are any.
 *
 * What this process changes is read by its ids as soon as it is written, what others change by a look at every `LOOK_MS`.
 * Each look begins `LATEST_MS` before the look before it: whatever was not visible then bears no earlier time, as long as the
 * clocks of two processes differ by less than that, less the time of a write. What bears a time to come (a clock that is
 * ahead) is in every look, and told once.
 */
export class ChangeReader {
  readonly #watchers = new Set<Watcher>();
  readonly #told = new Told();
  #joining: Joining[] = [];
  #running = false;
  #wake: () => void = () => undefined;
  #lookedMs = 0;
  #lookedAt = 0;
  #looks = 0;

  constructor(
    private readonly allocations: Collection<Allocation>,
    private readonly clock: Clock,
    private readonly changes: LocalChanges,
  ) {}

  /**
   * Allocations as they change: those that changed since `fromMs` (absent: now), then what changes, until the signal aborts.
   * At least once each; of changes in quick succession the last. Throws STORE_UNAVAILABLE.
   */
  async *watch(fromMs: number | undefined, signal: AbortSignal): AsyncGenerator<Stored<Allocation>, void, undefined> {
    const watcher = new Watcher(fromMs ?? -Infinity, signal);
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
  async *#since(fromMs: number | undefined, watcher: Watcher): AsyncGenerator<Stored<Allocation>, void, undefined> {
    if (fromMs === undefined) return;
    for await (const stored of this.#changedSince(fromMs)) {
      if (watcher.over) return;
      watcher.knows(stored);
      yield stored;
    }
    // One look may be under way since before the end of this; the one after it finds nothing of this.
    watcher.forgetAfter(this.#looks + 2);
  }

  #join(watcher: Watcher): Promise<void> {
    return new Promise((done, failed) => {
      this.#joining.push({ watcher, done, failed });
      this.#wake();
      if (this.#running) return;
      this.#running = true;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const unlisten = this.changes.listen(() => {
      this.#wake();
    });
    this.#lookedMs = this.clock.now();
    try {
      while (this.#watchers.size + this.#joining.length > 0) {
        await this.#tellOwn(this.changes.take());
        if (this.#isDue()) await this.#look();
        else await this.#somethingToDo();
      }
    } catch (error) {
      for (const { failed } of this.#joining.splice(0)) failed(error);
      for (const watcher of this.#watchers) watcher.fail(error);
      this.#watchers.clear();
    } finally {
      // Nothing is awaited between the last look at who is there and this: whoever comes now begins anew.
      this.#running = false;
      this.#told.clear();
      unlisten();
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
      if (this.changes.pending || this.#watchers.size + this.#joining.length === 0 || this.#isDue()) this.#wake();
    });
  }

  async #look(): Promise<void> {
    const joining = this.#joining.splice(0);
    this.#lookedAt = this.clock.monotonic();
    const beganMs = this.clock.now();
    try {
      for await (const stored of this.#changedSince(this.#lookedMs - LATEST_MS)) this.#tell(stored);
    } catch (error) {
      for (const { failed } of joining) failed(error);
      throw error;
    }
    this.#lookedMs = beganMs;
    this.#told.forgetBefore(beganMs - 2 * LATEST_MS);
    this.#looks += 1;
    for (const { watcher, done } of joining) {
      this.#watchers.add(watcher);
      done();
    }
  }

  /** Reads what is there now, so that of two changes the later is told last, whoever is told of first. */
  async #tellOwn(ids: readonly string[]): Promise<void> {
    for (const chunk of inChunks(ids)) {
      for (const stored of await this.allocations.getMany(chunk)) {
        // A command that changed nothing names one that was told long ago.
        if (stored.value.updateMs >= this.#lookedMs - LATEST_MS) this.#tell(stored);
      }
    }
  }

  #tell(stored: Stored<Allocation>): void {
    if (this.#told.isNew(stored)) for (const watcher of this.#watchers) watcher.take(stored);
  }

  async *#changedSince(sinceMs: number): AsyncGenerator<Stored<Allocation>, void, undefined> {
    let after: string | undefined;
    do {
      const query = { where: { updateMs: { from: sinceMs } }, orderBy: { field: 'updateMs' }, limit: PAGE };
      const found = await this.allocations.find(after === undefined ? query : { ...query, after });
      yield* found.documents;
      after = found.next;
    } while (after !== undefined);
  }
}

/** The versions that were told within the overlap. */
class Told {
  readonly #revisions = new Map<string, { readonly revision: string; readonly updateMs: number }>();

  isNew({ value: { id, updateMs }, revision }: Stored<Allocation>): boolean {
    if (this.#revisions.get(id)?.revision === revision) return false;
    this.#revisions.set(id, { revision, updateMs });
    return true;
  }

  forgetBefore(ms: number): void {
    for (const [id, { updateMs }] of this.#revisions) if (updateMs < ms) this.#revisions.delete(id);
  }

  clear(): void {
    this.#revisions.clear();
  }
}
