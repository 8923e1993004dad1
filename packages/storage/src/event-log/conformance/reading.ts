import { until } from '@berth/testkit';
import type { EventLog, Followed, Revision } from '../event-log.js';
import type { Suite } from './subject.js';
import { bytes, commit, take, text, texts } from './subject.js';

async function fill(log: EventLog, count: number): Promise<Revision[]> {
  const ends: Revision[] = [];
  for (let index = 0; index < count; index += 1) {
    ends.push((await commit(log, ends.at(-1) ?? 0, [], [String(index), `${String(index)}b`])).last);
  }
  return ends;
}

/** Appends `count` events, planning again after each conflict, as replicas do. */
async function write(log: EventLog, writer: number, count: number): Promise<void> {
  let cursor = 0;
  for (let index = 0; index < count;) {
    const result = await log.append({
      expected: cursor,
      events: [bytes(`${String(writer)}:${String(index)}`)],
      steps: [],
    });
    if (result.outcome === 'committed') {
      cursor = result.last;
      index += 1;
    } else if (result.outcome === 'conflict') cursor = result.missed.at(-1)?.last ?? cursor;
    else throw new Error(`unexpected ${result.outcome}`);
  }
}

/** Reading, snapshots, trimming and following. */
export function testReading({ test, fresh }: Suite): void {
  test('read gives what comes after a position, in order, up to a limit', async (t) => {
    const log = await fresh();
    t.deepEqual(await log.read(0), []);
    const [one = 0, two = 0, three = 0] = await fill(log, 3);
    const after = await log.read(one);
    t.deepEqual(after === 'trimmed' || texts(after), ['1', '1b', '2', '2b']);
    const limited = await log.read(0, 2);
    t.is(limited !== 'trimmed' && limited.at(-1)?.last, two);
    t.deepEqual(await log.read(three), []);
    t.is(await log.read(three + 1), 'trimmed');
    t.is(await log.read(one - 1), 'trimmed', 'no entry ends there');
  });

  test('trim drops nothing that the snapshot does not cover', async (t) => {
    const log = await fresh();
    const [one = 0, two = 0, three = 0] = await fill(log, 3);
    await log.trim(three);
    t.is((await log.load()).entries.length, 3);
    await log.saveSnapshot({ revision: two, data: bytes('state at two') });
    await log.trim(one);
    t.is(await log.read(0), 'trimmed');
    const rest = await log.read(one);
    t.is(rest !== 'trimmed' && rest.length, 2);
    await log.trim(three);
    t.is(await log.read(one), 'trimmed');
    const { snapshot, entries, last } = await log.load();
    t.is(snapshot?.revision, two);
    t.is(text(snapshot?.data), 'state at two');
    t.deepEqual(texts(entries), ['2', '2b']);
    t.is(last, three);
    t.deepEqual(await log.append({ expected: one, events: [bytes('x')], steps: [] }), { outcome: 'lost' });
    const behind = await log.append({ expected: two, events: [bytes('x')], steps: [] });
    t.is(behind.outcome, 'conflict');
  });

  test('trim drops nothing after a bookmark, until it is moved or removed', async (t) => {
    const log = await fresh();
    const [one = 0, two = 0, three = 0] = await fill(log, 3);
    await log.saveSnapshot({ revision: three, data: bytes('all') });
    t.is(await log.bookmark('history'), undefined);
    await log.setBookmark('history', one);
    await log.setBookmark('other', two);
    await log.trim(three);
    t.is(await log.bookmark('history'), one);
    t.is(await log.read(0), 'trimmed');
    const kept = await log.read(one);
    t.deepEqual(kept === 'trimmed' || texts(kept), ['1', '1b', '2', '2b']);
    await log.setBookmark('history', undefined);
    await log.trim(three);
    t.is(await log.bookmark('history'), undefined);
    t.is(await log.read(one), 'trimmed');
    const rest = await log.read(two);
    t.deepEqual(rest === 'trimmed' || texts(rest), ['2', '2b']);
  });

  test('a log that is trimmed to its end goes on from there', async (t) => {
    const log = await fresh();
    const last = (await fill(log, 3)).at(-1) ?? 0;
    await log.saveSnapshot({ revision: last, data: bytes('all') });
    await log.trim(last);
    t.deepEqual(await log.read(last), []);
    t.deepEqual((await log.load()).entries, []);
    t.is((await log.load()).last, last);
    const next = await commit(log, last, [], ['next']);
    t.true(next.first > last);
    const read = await log.read(last);
    t.deepEqual(read === 'trimmed' || texts(read), ['next']);
  });

  test('a snapshot is replaced by newer ones only, and only by one of this log', async (t) => {
    const log = await fresh();
    const [one = 0, two = 0] = await fill(log, 2);
    await log.saveSnapshot({ revision: two, data: bytes('newer') });
    await log.saveSnapshot({ revision: one, data: bytes('older') });
    await log.saveSnapshot({ revision: two + 1e9, data: bytes('from a log that was lost') });
    const { snapshot } = await log.load();
    t.is(snapshot?.revision, two);
    t.is(text(snapshot?.data), 'newer');
  });

  test('a log of several thousand entries loads whole', async (t) => {
    const log = await fresh();
    await fill(log, 2_500);
    const { entries } = await log.load();
    t.is(entries.length, 2_500);
    t.is(texts(entries).at(-1), '2499b');
  });

  test('follow pushes what is there and what comes, until it is aborted', async (t) => {
    const log = await fresh();
    const [one = 0] = await fill(log, 2);
    const ending = new AbortController();
    const seen: Followed[] = [];
    const following = (async () => {
      for await (const next of log.follow(one, ending.signal)) seen.push(next);
    })();
    await until(() => seen.length === 1, { what: 'the entry that was there' });
    await commit(log, (await log.load()).last, [], ['new']);
    await until(() => seen.length === 2, { what: 'the new entry' });
    ending.abort();
    await following;
    t.deepEqual(texts(seen.map((next) => (next.kind === 'entry' ? next.entry : { events: [] }))), ['1', '1b', 'new']);
  });

  test('follow says lost when it cannot go on from its position', async (t) => {
    const log = await fresh();
    const [one = 0, two = 0] = await fill(log, 2);
    await log.saveSnapshot({ revision: two, data: bytes('s') });
    await log.trim(two);
    const { signal } = new AbortController();
    t.deepEqual(await take(log.follow(one, signal), 5), [{ kind: 'lost' }]);
    t.deepEqual(await take(log.follow(two + 1e9, signal), 5), [{ kind: 'lost' }]);
  });

  test('a follower sees every entry once and in order while eight writers append', async (t) => {
    const log = await fresh();
    const ending = new AbortController();
    const following = take(log.follow(0, ending.signal), 200);
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(log, writer, 25)));
    const seen = await following;
    ending.abort();
    const { entries } = await log.load();
    t.is(entries.length, 200);
    t.deepEqual(
      seen.map((next) => (next.kind === 'entry' ? next.entry.last : 'lost')),
      entries.map(({ last }) => last),
    );
    for (let writer = 0; writer < 8; writer += 1) {
      const mine = texts(entries).filter((event) => event.startsWith(`${String(writer)}:`));
      t.deepEqual(
        mine,
        Array.from({ length: 25 }, (_, index) => `${String(writer)}:${String(index)}`),
      );
    }
  });
}
