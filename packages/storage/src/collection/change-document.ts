import { BerthError, systemClock } from '@berth/kernel';
import type { Clock } from '@berth/kernel';
import type { Change, Collection, Document, Duplicate, Stored } from './collection.js';

/** How a change ended. `tries` counts its reads and writes: more than 1 when others were first. */
export type Changed<T extends Document> =
  | ({ readonly outcome: 'changed'; readonly tries: number } & Stored<T>)
  /** The change left the document as it is. */
  | ({ readonly outcome: 'unchanged' } & Stored<T>)
  | { readonly outcome: 'gone' }
  | Duplicate;

export interface ChangeOptions {
  /** For the waits between tries; default: the machine's. */
  readonly clock?: Clock;
  /** In [0, 1); default `Math.random`. */
  readonly random?: () => number;
}

const TRIES = 40;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 1000;

/**
 * Changes a document by compare-and-swap: reads it, asks `change`, writes the answer if nobody was faster, or else starts
 * again after a pause. Pauses double and have a random part: writers that lost together would meet again otherwise, and 32
 * of them on one document need 12 tries for each write. Throws STORE_UNAVAILABLE after 40 tries, and what `change` throws.
 */
export async function changeDocument<T extends Document>(
  collection: Collection<T>,
  id: string,
  change: Change<T>,
  options: ChangeOptions = {},
): Promise<Changed<T>> {
  const { clock = systemClock(), random = Math.random } = options;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const found = await collection.get(id);
    if (found === undefined) return { outcome: 'gone' };
    const value = change(found.value);
    if (value === undefined) return { outcome: 'unchanged', ...found };
    const result = await collection.replace(value, found.revision);
    if (result.outcome === 'replaced') return { outcome: 'changed', value, revision: result.revision, tries };
    if (result.outcome !== 'stale') return result;
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
    await new Promise<void>((resolve) => {
      clock.after(longest * random(), resolve);
    });
  }
  throw new BerthError(
    'STORE_UNAVAILABLE',
    `${id} is changed by so many at once that ${String(TRIES)} tries to change it failed; retry later`,
    { retryAfterMs: LONGEST_PAUSE_MS, resource: { type: 'document', name: id } },
  );
}
