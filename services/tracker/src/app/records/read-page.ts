import type { Document, Stored } from '../../ports/record-collections.js';

/** A stretch of a list, and where it ends. */
interface Stretch<T extends Document> {
  readonly documents: readonly Stored<T>[];
  readonly next: string | undefined;
}

export interface PageRead<T extends Document, S> {
  readonly size: number;
  /** Where the page before ended. */
  readonly after: string | undefined;
  readonly find: (limit: number, after: string | undefined) => Promise<Stretch<T>>;
  /** What of the documents belongs on the page. */
  readonly keep: (documents: readonly Stored<T>[]) => Promise<readonly S[]> | readonly S[];
}

export interface PageOfItems<S> {
  readonly items: readonly S[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** With records of at most 16 KiB a page stays below the 4 MiB that clients take by default. */
const MOST_AT_ONCE = 100;
const MAX_PAGE_CHARACTERS = 1 << 20;
/** Reads that find little of what is kept end here: the page is then shorter than it could be. */
const MOST_READS = 100;

/** Reads a page in stretches, so that what a stretch ends with is always the end of a page. */
export async function readPage<T extends Document, S>(page: PageRead<T, S>): Promise<PageOfItems<S>> {
  const items: S[] = [];
  let { after } = page;
  let characters = 0;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const found = await page.find(Math.min(MOST_AT_ONCE, page.size - items.length), after);
    const kept = await page.keep(found.documents);
    items.push(...kept);
    characters += JSON.stringify(kept).length;
    after = found.next;
    if (after === undefined || items.length >= page.size || characters >= MAX_PAGE_CHARACTERS) break;
  }
  return { items, next: after };
}
