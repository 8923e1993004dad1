import { pause } from '@berth/kernel';
import type { AvailabilityAnswer, WatchInput, WatchNews } from '../booking-app.js';
import type { BookingContext } from '../booking-context.js';
import type { RootReplica } from '../roots/root-replica.js';
import { DEFAULT_ROOT } from '../roots/roots.js';
import type { AvailabilityAsk } from './get-availability.js';
import { availabilityIn, resolveAvailability } from './get-availability.js';
import type { ToldNotice } from './watch-feed.js';
import { noticesIn, WatchFeed } from './watch-feed.js';

const MOST_BLOCKS = 10_000;
/** Blocks are told at most so often. */
const BREATH_MS = 200;
const READ = 500;

/**
 * Tells the blocks of a question, all at first and then those that change, and notices. Revisions are those of the root of
 * the question, or of the default root: notices of that root are told again from `fromRevision` on, those of all roots from
 * `fromMs` on. Ends when the signal aborts.
 */
export async function* watchBookings(
  context: BookingContext,
  { availability, noticesOf, fromRevision, fromMs }: WatchInput,
  signal: AbortSignal,
): AsyncGenerator<WatchNews, void, undefined> {
  const { roots, clock } = context;
  const ask = availability && (await resolveAvailability(context, availability, MOST_BLOCKS));
  const main = ask?.replica ?? (await roots.of(DEFAULT_ROOT));
  const owners = new Set(noticesOf);
  const feed = new WatchFeed(owners, signal);
  const forget = roots.onFound((replica) => {
    if (replica === main || owners.size > 0) feed.follow(replica, replica === main && ask !== undefined);
  });
  try {
    if (fromMs !== undefined) await roots.refresh();
    /** Up to which entry of a root its notices were told first; what happens later is in the feed. */
    const told = new Map<string, number>();
    for (const replica of owners.size > 0 ? roots.all : []) {
      const from = replica === main ? fromRevision : undefined;
      if (from === undefined && fromMs === undefined) continue;
      const { root } = replica;
      const upTo = await replica.read(({ sequence }) => sequence);
      told.set(root, upTo);
      const after = from ?? (await lastBefore(context, root, fromMs ?? 0, upTo));
      for (const news of await earlierNotices(context, replica, owners, after, upTo)) yield newsOf(news, main);
    }
    const blocks = new ToldBlocks();
    if (ask !== undefined) yield* changedBlocks(ask, blocks);
    while (!signal.aborted) {
      for (const notice of feed.takeNotices()) {
        if (notice.sequence > (told.get(notice.root) ?? 0)) yield newsOf(notice, main);
      }
      if (feed.takeChange() && ask !== undefined) {
        yield* changedBlocks(ask, blocks);
        await pause(clock, BREATH_MS, signal);
      }
      await feed.more();
    }
  } finally {
    forget();
    feed.close();
  }
}

/** What a watcher knows of each block. */
class ToldBlocks {
  #texts: readonly string[] = [];

  /** The numbers of the blocks that are not as they were told. */
  take({ availability }: AvailabilityAnswer): readonly number[] {
    const texts = availability.blocks.map((block) => JSON.stringify(block));
    const changed = texts.flatMap((text, at) => (text === this.#texts[at] ? [] : [at]));
    this.#texts = texts;
    return changed;
  }
}

async function* changedBlocks(ask: AvailabilityAsk, blocks: ToldBlocks): AsyncGenerator<WatchNews, void, undefined> {
  const answer = await ask.replica.read((state) => availabilityIn(state, ask));
  const changed = blocks.take(answer);
  if (changed.length > 0) yield { answer, changed, revision: answer.revision };
}

/** The last entry, at most `upTo`, that is older than a time: entries are in the order of their times. */
async function lastBefore({ ledgers }: BookingContext, root: string, ms: number, upTo: number): Promise<number> {
  let [low, high] = [0, upTo];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // Entries before the newest snapshot may be gone: the next one may be far behind.
    const [next] = await ledgers.read(root, middle, 1);
    if (next !== undefined && next.entry.atMs < ms) low = next.entry.sequence;
    else high = middle;
  }
  return low;
}

async function earlierNotices(
  { ledgers }: BookingContext,
  replica: RootReplica,
  owners: ReadonlySet<string>,
  from: number,
  upTo: number,
): Promise<readonly ToldNotice[]> {
  const told: ToldNotice[] = [];
  for (let at = from; at < upTo;) {
    const entries = await ledgers.read(replica.root, at, READ);
    const last = entries.at(-1)?.entry.sequence;
    if (last === undefined) break;
    const found = await replica.read((state) =>
      entries.flatMap(({ entry }) => (entry.sequence > upTo ? [] : noticesIn(replica.root, entry, state, owners))),
    );
    told.push(...found);
    at = last;
  }
  return told;
}

function newsOf({ notice, booking, root, sequence }: ToldNotice, main: RootReplica): WatchNews {
  return { notice, booking, revision: root === main.root ? sequence : main.hint.sequence };
}
