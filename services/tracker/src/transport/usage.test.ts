import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import type { UsageRow } from '@berth/proto/berth/tracker/v1/allocation_service';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { Reads } from './counting-store.fixture.js';
import { countingStore } from './counting-store.fixture.js';
import type { TestTracker } from './tracker-server.fixture.js';
import { refused, startTracker } from './tracker-server.fixture.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** From when to when something was ALLOCATED; without an end it still is. */
interface Span {
  readonly beganMs: number;
  readonly endedMs?: number;
  readonly owner: string;
}

/** Tells of what was, after it was. */
async function tell({ api }: TestTracker, spans: readonly Span[]): Promise<void> {
  const requests = spans.map(({ owner }) => ({ allocation: { kind: 'vm', owner } }));
  const { results } = await api.batchRegisterIntents({ requests });
  const ids = results.map(({ result }) => (result?.$case === 'allocation' ? result.value.id : ''));
  const began = spans.map(({ beganMs }, i) => ({ id: ids[i] ?? '', allocateTime: new Date(beganMs) }));
  await api.batchConfirmAllocations({ requests: began });
  const ended = spans.flatMap(({ endedMs }, i) =>
    endedMs === undefined ? [] : [{ id: ids[i] ?? '', endTime: new Date(endedMs) }],
  );
  await api.batchConfirmReleases({ requests: ended });
}

/** Owners with how many of their spans overlap the window, and for how many hours. */
function naively(spans: readonly Span[], fromMs: number, untilMs: number): Map<string, readonly number[]> {
  const sums = new Map<string, readonly number[]>();
  for (const { owner, beganMs, endedMs = Infinity } of spans) {
    if (beganMs >= untilMs || endedMs <= fromMs) continue;
    const [count = 0, ms = 0] = sums.get(owner) ?? [];
    sums.set(owner, [count + 1, ms + Math.min(endedMs, untilMs) - Math.max(beganMs, fromMs)]);
  }
  return sums;
}

function sums(rows: readonly UsageRow[]): readonly unknown[] {
  return sorted(new Map(rows.map(({ owner, count, hours }) => [owner, [count, Math.round(hours * HOUR_MS)]])));
}

function sorted(byOwner: ReadonlyMap<string, readonly number[]>): readonly unknown[] {
  return [...byOwner].sort(([a], [b]) => (a < b ? -1 : 1));
}

onEachEngine(test, (engine, title) => {
  test(title('usage of a window reads what overlaps it, not what has ended since or before'), async (t) => {
    const reads = { count: 0 };
    const seen = (store: TestTracker['store']) => countingStore(store, 'tracker_allocations', reads);
    const tracker = await startTracker(t, engine, { seen });
    const startMs = tracker.clock.now();
    // A lease of an hour after the other, of 50 days one that took a day, and one that never ended.
    const hours = Array.from({ length: 2400 }, (_, i) => startMs + i * HOUR_MS);
    const spans: Span[] = [
      ...hours.map((beganMs, i) => ({ beganMs, endedMs: beganMs + HOUR_MS, owner: i % 2 === 0 ? 'ann' : 'bob' })),
      ...hours.filter((_, i) => i % 48 === 0).map((at) => ({ beganMs: at, endedMs: at + DAY_MS, owner: 'ann' })),
      { beganMs: startMs + DAY_MS, owner: 'bob' },
    ];
    tracker.clock.advance(100 * DAY_MS);
    await tell(tracker, spans);
    for (const days of [0, 3, 50, 99]) {
      const [fromMs, untilMs] = [startMs + days * DAY_MS, startMs + (days + 1) * DAY_MS];
      for (const owner of ['', 'ann']) {
        reads.count = 0;
        const window = { from: new Date(fromMs), until: new Date(untilMs) };
        const { rows } = await tracker.api.getUsage({ ...window, owner, groupBy: ['owner'] });
        const expected = naively(spans, fromMs, untilMs);
        if (owner !== '') expected.delete('bob');
        t.deepEqual(sums(rows), sorted(expected));
        t.true(reads.count <= 60, `${String(reads.count)} documents for day ${String(days)}`);
      }
    }
  });

  test(title('usage is the same as what reading everything gives, for times of any length'), async (t) => {
    const tracker = await startTracker(t, engine);
    const startMs = tracker.clock.now();
    // Each length just below, at and above a bound between classes.
    const lengths = [0, 1, ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [-1, 0, 1].map((d) => 60_000 * 4 ** i + d))];
    const spans = lengths.flatMap((ms) =>
      [0, 1, 2].map((i): Span => {
        const beganMs = startMs + 10 * DAY_MS - Math.round((ms * i) / 2);
        return { beganMs, endedMs: beganMs + ms, owner: `of-${String(ms)}` };
      }),
    );
    tracker.clock.advance(40 * DAY_MS);
    await tell(tracker, spans);
    for (const [before, after] of [
      [1, 1],
      [60_000, 0],
      [0, 60_000],
      [DAY_MS, DAY_MS],
      [9 * DAY_MS, -2 * DAY_MS],
      [-1, 20 * DAY_MS],
    ] as const) {
      const [fromMs, untilMs] = [startMs + 10 * DAY_MS - before, startMs + 10 * DAY_MS + after];
      const window = { from: new Date(fromMs), until: new Date(untilMs) };
      const { rows } = await tracker.api.getUsage({ ...window, groupBy: ['owner'] });
      t.deepEqual(sums(rows), sorted(naively(spans, fromMs, untilMs)));
    }
  });

  test(title('what is released while usage is read is counted once'), async (t) => {
    const reads: Reads = { count: 0 };
    const seen = (store: TestTracker['store']) => countingStore(store, 'tracker_allocations', reads);
    const tracker = await startTracker(t, engine, { seen });
    const { api, clock } = tracker;
    const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann' } });
    const id = allocation?.id ?? '';
    await api.confirmAllocation({ id });
    clock.advance(36_000);
    reads.after = async ({ where = {} }) => {
      // The first query of usage; those of a sweep are about other things.
      const { liveSinceMs, endMs } = where;
      if (liveSinceMs === undefined && !(typeof endMs === 'object' && 'after' in endMs)) return;
      delete reads.after;
      await api.confirmRelease({ id });
    };
    const { rows } = await api.getUsage({ groupBy: ['owner'] });
    t.deepEqual(
      rows.map(({ owner, count, hours }) => [owner, count, hours]),
      [['ann', 1, 0.01]],
    );
    t.is((await api.getAllocation({ id })).allocation?.state, AllocationState.RELEASED);
  });

  test(title('usage of a time that has not come is refused'), async (t) => {
    const { api, clock } = await startTracker(t, engine);
    const error = await refused(t, api.getUsage({ from: new Date(clock.now() + 1000), groupBy: ['kind'] }));
    t.is(error.reason, 'INVALID_FIELD');
    t.deepEqual(
      error.details.fields?.map(({ field }) => field),
      ['from'],
    );
  });
});
