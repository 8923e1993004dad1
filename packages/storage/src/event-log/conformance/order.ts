import { commit, texts } from './subject.js';
import type { Suite } from './subject.js';
import { bytes } from './subject.js';

/** More than a test takes. */
const CLOCK_MS = 60_000;

/** Append, its revisions, and what a writer is told that is behind or ahead. */
export function testOrder({ test, fresh }: Suite): void {
  test('the events of an append have consecutive revisions, and later appends larger ones', async (t) => {
    const log = await fresh();
    const one = await commit(log, 0, [], ['a', 'b', 'c']);
    t.is(one.last - one.first, 2);
    t.true(Number.isSafeInteger(one.last));
    const two = await commit(log, one.last, [], ['d']);
    t.true(two.first > one.last);
    t.is(two.first, two.last);
    t.true(Math.abs(two.first / 1_000 - log.now()) < CLOCK_MS, 'revisions follow the clock of the store');
    const { entries, last, snapshot } = await log.load();
    t.is(snapshot, undefined);
    t.is(last, two.last);
    t.deepEqual(
      entries.map((entry) => [entry.first, entry.last]),
      [
        [one.first, one.last],
        [two.first, two.last],
      ],
    );
    t.deepEqual(texts(entries), ['a', 'b', 'c', 'd']);
  });

  test('events come back byte for byte, also empty ones and ten thousand at once', async (t) => {
    const log = await fresh();
    const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const events = Array.from({ length: 10_000 }, (_, index) => all.subarray(0, index % 257));
    await log.append({ expected: 0, events, steps: [] });
    const { entries } = await log.load();
    t.is(entries.length, 1);
    t.true(entries[0]?.events.every((event, index) => Buffer.compare(event, events[index] ?? all) === 0));
    t.is(entries[0]?.events.length, 10_000);
  });

  test('a batch that no engine takes is refused by name', async (t) => {
    const log = await fresh();
    await t.throwsAsync(log.append({ expected: 0, events: [], steps: [] }), { message: /events: .* 1 to 10000/ });
    const hold = { kind: 'hold', bench: 'b', lease: 'l', event: 1 } as const;
    await t.throwsAsync(log.append({ expected: 0, events: [bytes('a')], steps: [hold] }), {
      message: /steps\[0\]\.event: 1 is not an index/,
    });
    t.is((await log.load()).last, 0);
  });

  test('a writer that is behind gets the entries it missed, and nothing of its own is written', async (t) => {
    const log = await fresh();
    const one = await commit(log, 0, [], ['a']);
    const two = await commit(log, one.last, [], ['b', 'c']);
    const steps = [{ kind: 'hold', bench: 'b', lease: 'l', event: 0 }] as const;
    const late = await log.append({ expected: one.last, events: [bytes('late')], steps });
    t.is(late.outcome, 'conflict');
    if (late.outcome !== 'conflict') return;
    t.deepEqual(texts(late.missed), ['b', 'c']);
    t.is(late.missed[0]?.first, two.first);
    t.is((await log.load()).last, two.last);
    await commit(log, two.last, [{ kind: 'hold', bench: 'b', lease: 'another', event: 0 }]);
  });

  test('a conflict carries at most a thousand entries', async (t) => {
    const log = await fresh();
    let last = 0;
    for (let index = 0; index < 1_005; index += 1) last = (await commit(log, last, [], [String(index)])).last;
    const late = await log.append({ expected: 0, events: [bytes('late')], steps: [] });
    t.is(late.outcome === 'conflict' && late.missed.length, 1_000);
    t.is(late.outcome === 'conflict' && texts(late.missed).at(-1), '999');
  });

  test('a writer whose position is not in the log has to load again', async (t) => {
    const log = await fresh();
    const one = await commit(log, 0, [], ['a', 'b']);
    await commit(log, one.last);
    const ahead = await log.append({ expected: one.last + 1e9, events: [bytes('x')], steps: [] });
    t.deepEqual(ahead, { outcome: 'lost' });
    // Not ahead, but not the end of an entry: the log lost that entry and went on.
    const beside = await log.append({ expected: one.first, events: [bytes('x')], steps: [] });
    t.deepEqual(beside, { outcome: 'lost' });
  });

  test('of eight writers that plan against the same revision, one lands', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0);
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, writer) =>
        log.append({ expected: last, events: [bytes(String(writer))], steps: [] }),
      ),
    );
    t.is(results.filter(({ outcome }) => outcome === 'committed').length, 1);
    t.is(results.filter(({ outcome }) => outcome === 'conflict').length, 7);
    t.is((await log.load()).entries.length, 2);
  });

  test('labs do not see each other', async (t) => {
    const one = await fresh();
    const two = await fresh();
    await commit(one, 0, [{ kind: 'hold', bench: 'b', lease: 'l', event: 0 }]);
    await commit(two, 0, [{ kind: 'hold', bench: 'b', lease: 'other', event: 0 }]);
    await one.openSession('s', 60_000);
    t.is((await two.aliveSessions(['s'])).size, 0);
    t.is((await two.load()).entries.length, 1);
  });
}
