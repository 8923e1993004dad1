import type { Allocation } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

/** How often changes of other processes are looked for. */
const LOOK_MS = 1000;
/** A change may become visible so much later than the time it bears: its write took time, its writer's clock is behind. */
const LATEST_MS = 5000;
/** The same for this process, which tells when it has written; what takes longer is found by the next look. */
const LATEST_OWN_MS = 500;
const PAGE = 500;

/**
 * Allocations as they change: those that changed since `fromMs` (absent: now), then what changes, until the signal aborts.
 * At least once each; of changes in quick succession the last.
 *
 * What this process changes is told at once, what others change after `LOOK_MS` and the time that a look takes. Each look
 * begins `LATEST_MS` before the look before it: whatever was not visible then bears no earlier time, as long as the clocks
 * of two processes differ by less than that, less the time of a write. What bears a time to come (a clock that is ahead) is
 * in every look, and told once.
 */
export async function* watchAllocations(
  context: TrackerContext,
  fromMs: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Stored<Allocation>, void, undefined> {
  const { clock, changes } = context;
  const over = (): boolean => signal.aborted;
  const told = new Told();
  let readMs = fromMs ?? clock.now();
  let lookedMs = readMs;
  // What was there before is known, so that looking back does not tell it.
  if (fromMs === undefined) for await (const stored of changedSince(context, lookedMs - LATEST_MS)) told.isNew(stored);
  let lookedAt = -Infinity;
  while (!over()) {
    const { version } = changes;
    const look = clock.monotonic() - lookedAt >= LOOK_MS;
    if (look) lookedAt = clock.monotonic();
    const beganMs = clock.now();
    const sinceMs = Math.max(fromMs ?? -Infinity, look ? lookedMs - LATEST_MS : readMs - LATEST_OWN_MS);
    // Level-triggered: read after the version, so a change in between ends the wait below at once.
    for await (const stored of changedSince(context, sinceMs)) {
      if (over()) return;
      if (told.isNew(stored)) yield stored;
    }
    readMs = beganMs;
    if (look) lookedMs = beganMs;
    told.forgetBefore(lookedMs - 2 * LATEST_MS);
    if (changes.version === version) await changeOrLook(context, signal);
  }
}

async function* changedSince({ collections }: TrackerContext, sinceMs: number) {
  let after: string | undefined;
  do {
    const query = { where: { updateMs: { from: sinceMs } }, orderBy: { field: 'updateMs' }, limit: PAGE };
    const found = await collections.allocations.find(after === undefined ? query : { ...query, after });
    yield* found.documents;
    after = found.next;
  } while (after !== undefined);
}

/** Resolves at a change by this process, when it is time to look for others', or when the signal aborts. */
function changeOrLook({ changes, clock }: TrackerContext, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      unlisten();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(LOOK_MS, done);
    const unlisten = changes.listen(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
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
}
