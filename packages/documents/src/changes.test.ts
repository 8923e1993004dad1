import type { Collection } from '@berth/storage';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import { Changes } from './changes.js';
import type { Counter, Counters } from './counters.fixture.js';
import { hooked, openCounters } from './counters.fixture.js';

const LOOK_MS = 1000;
const LATEST_MS = 5000;

interface Watching {
  /** `ID REVISION` of all that was told, in order. */
  readonly told: string[];
  readonly error: () => unknown;
  readonly stop: () => Promise<void>;
}

function watch(t: ExecutionContext, changes: Changes<Counter>, fromMs?: number): Watching {
  const told: string[] = [];
  const end = new AbortController();
  let failure: unknown;
  const watching = (async () => {
    for await (const { value, revision } of changes.watch(fromMs, end.signal)) told.push(`${value.id} ${revision}`);
  })().catch((error: unknown) => {
    failure = error;
  });
  const stop = async (): Promise<void> => {
    end.abort();
    await watching;
  };
  t.teardown(stop);
  return { told, error: () => failure, stop };
}

/** Writes a document at this time; answers `ID REVISION` of what is written. */
async function write({ counters, clock }: Counters, id: string, updateMs = clock.now()): Promise<string> {
  const before = await counters.get(id);
  if (before === undefined) throw new Error(`there is no ${id}`);
  const written = await counters.replace({ ...before.value, updateMs }, before.revision);
  if (written.outcome !== 'replaced') throw new Error(written.outcome);
  return `${id} ${written.revision}`;
}

/** Resolves when each of them is told of what this process changes. */
async function joined(all: Counters, changes: Changes<Counter>, watchers: readonly Watching[]): Promise<void> {
  const seen = watchers.map(({ told }) => told.length);
  await until(
    async () => {
      await write(all, 'joining');
      changes.tell(['joining']);
      return watchers.every(({ told }, i) => told.length > (seen[i] ?? 0));
    },
    { what: 'all watchers' },
  );
}

const IDS = ['a', 'b', 'c', 'd', 'joining'];

test('what this process changed is told at once, from one read for all watchers', async (t) => {
  const all = await openCounters(t, IDS);
  let reads = 0;
  const getMany: Collection<Counter>['getMany'] = (ids) => {
    reads += ids.length;
    return all.counters.getMany(ids);
  };
  const changes = new Changes(hooked(all.counters, { getMany }), all.clock);
  const watchers = [1, 2, 3].map(() => watch(t, changes));
  await joined(all, changes, watchers);
  reads = 0;
  const change = await write(all, 'a');
  changes.tell(['a']);
  for (const { told } of watchers) await until(() => told.includes(change), { what: 'the change' });
  t.is(reads, 1);
});

test('what others changed is told by a look each second, also when it shows late or bears a time to come, and once', async (t) => {
  const all = await openCounters(t, IDS);
  const { clock } = all;
  clock.advance(60_000);
  const changes = new Changes(all.counters, clock);
  const watching = watch(t, changes);
  await joined(all, changes, [watching]);
  const expected = [
    await write(all, 'a'),
    await write(all, 'b', clock.now() - LATEST_MS + LOOK_MS),
    await write(all, 'c', clock.now() + 30_000),
  ];
  // Nothing but the next look can find it.
  const early = await write(all, 'd', clock.now() - 50_000);
  t.false(expected.some((change) => watching.told.includes(change)));
  clock.advance(LOOK_MS);
  await until(() => expected.every((change) => watching.told.includes(change)), { what: 'the changes' });
  for (let look = 0; look < 20; look += 1) {
    clock.advance(LOOK_MS);
    await joined(all, changes, [watching]);
  }
  t.is(new Set(watching.told).size, watching.told.length, 'each once');
  t.false(watching.told.includes(early));
});

test('a watch from a time tells what changed since, once, and then what changes', async (t) => {
  const all = await openCounters(t, IDS);
  const { clock } = all;
  const changes = new Changes(all.counters, clock);
  const first = watch(t, changes);
  await joined(all, changes, [first]);
  clock.advance(10);
  const fromMs = clock.now();
  const since = [await write(all, 'a'), await write(all, 'b')];
  const late = watch(t, changes, fromMs);
  const now = watch(t, changes);
  await joined(all, changes, [late, now]);
  const change = await write(all, 'c');
  changes.tell(['c']);
  for (const { told } of [late, now]) await until(() => told.includes(change), { what: 'the last change' });
  t.true(since.every((one) => late.told.includes(one)));
  t.false(since.some((one) => now.told.includes(one)));
  t.is(new Set(late.told).size, late.told.length, 'each once');
});

test('a store that fails ends all watches with its error, and the next watch begins again', async (t) => {
  const all = await openCounters(t, IDS);
  let failing: Error | undefined;
  const find: Collection<Counter>['find'] = (query) =>
    failing === undefined ? all.counters.find(query) : Promise.reject(failing);
  const changes = new Changes(hooked(all.counters, { find }), all.clock);
  const before = watch(t, changes);
  await joined(all, changes, [before]);
  failing = new Error('away');
  const joining = watch(t, changes);
  for (const { error } of [before, joining]) await until(() => error() === failing, { what: 'the error' });
  failing = undefined;
  const after = watch(t, changes);
  await joined(all, changes, [after]);
  t.true(after.told.length > 0);
});

test('without a watcher nothing is read', async (t) => {
  const all = await openCounters(t, IDS);
  let reads = 0;
  const counted = hooked(all.counters, {
    getMany: (ids) => ((reads += 1), all.counters.getMany(ids)),
    find: (query) => ((reads += 1), all.counters.find(query)),
  });
  const changes = new Changes(counted, all.clock);
  const watching = watch(t, changes);
  await joined(all, changes, [watching]);
  await watching.stop();
  const before = reads;
  await write(all, 'a');
  changes.tell(['a']);
  all.clock.advance(10 * LOOK_MS);
  t.is(reads, before);
});

test('whoever writes and whenever a watch joins, it is told the last change of each document last', async (t) => {
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('own', 'other'), id: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ do: fc.constantFrom('join', 'joinSince') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const all = await openCounters(t, IDS);
      const { clock } = all;
      const changes = new Changes(all.counters, clock);
      const watchers: { readonly watching: Watching; readonly since: Map<string, string> }[] = [];
      for (const one of steps) {
        if ('id' in one) {
          const change = await write(all, one.id);
          if (one.do === 'own') changes.tell([one.id]);
          for (const { since } of watchers) since.set(one.id, change);
        } else if ('ms' in one) {
          clock.advance(one.ms);
        } else {
          const watching = watch(t, changes, one.do === 'join' ? undefined : clock.now());
          // What changes while it joins may be told or not: here it has joined.
          await joined(all, changes, [watching]);
          watchers.push({ watching, since: new Map() });
        }
      }
      for (const { watching, since } of watchers) {
        await until(
          () => {
            clock.advance(LOOK_MS);
            return [...since.values()].every((change) => watching.told.includes(change));
          },
          { what: 'the last changes' },
        );
        for (const [id, change] of since) {
          t.is(watching.told.filter((one) => one.startsWith(`${id} `)).at(-1), change);
        }
      }
      for (const { watching } of watchers) await watching.stop();
    }),
    { numRuns: 25 },
  );
});
