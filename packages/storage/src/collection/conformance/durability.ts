import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@berth/testkit';
import type { Suite, Thing } from './subject.js';
import { insertAll, numbered, pages, thingSpec, withOwn } from './subject.js';

const INSERTER = fileURLToPath(new URL('inserter.ts', import.meta.url));

interface Inserter {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
}

/** Starts the child that inserts and resolves once it has told of `count` writes. */
async function inserting(engine: string, target: string, count: number): Promise<Inserter> {
  const child = fork(INSERTER, [engine, target], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  await until(() => lines.length >= count || child.exitCode !== null, {
    what: 'writes of the child',
    timeoutMs: 60_000,
  });
  return { child, lines };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

/** What survives the end of the process and of the server. These tests restart their own store. */
export function testDurability({ test, subject }: Suite): void {
  if (subject.startOwn === undefined) {
    test.skip('there is no server here that may be killed: durability is not tested', () => undefined);
    return;
  }

  test('documents and indexes are there after a restart', async (t) => {
    await withOwn(subject, async (running) => {
      const spec = thingSpec('things');
      const before = await running.store.collection<Thing>(spec);
      await insertAll(
        before,
        numbered(100, (index) => ({ host: `h${String(index)}`, tags: ['x'], time: index })),
      );
      const found = await before.get('thing-000001');
      await running.restart();
      const things = await (await running.reopen()).collection<Thing>(spec);
      t.deepEqual(await things.get('thing-000001'), found);
      t.is(await things.count({ tags: 'x', time: { from: 50 } }), 50);
      const [duplicate] = await things.insert([{ id: 'new', host: 'h7' }]);
      t.deepEqual(duplicate, { outcome: 'duplicate', index: 'host', existing: 'thing-000007' });
      t.is((await things.replace({ id: 'thing-000001' }, found?.revision ?? '')).outcome, 'replaced');
    });
  });

  test('indexes that come later have what is there already, and those that go are gone', async (t) => {
    await withOwn(subject, async (running) => {
      const name = 'things';
      const before = await running.store.collection<Thing>({ name, indexes: [{ name: 'owner', fields: ['owner'] }] });
      const owners = (index: number): Partial<Thing> => ({
        owner: 'ann',
        time: index % 10,
        tags: [`t${String(index % 2)}`],
      });
      await insertAll(before, numbered(2_100, owners));
      await running.release();
      const later = await (
        await running.reopen()
      ).collection<Thing>({
        name,
        indexes: [
          { name: 'tags', fields: ['tags', 'time'] },
          { name: 'host', fields: ['host'], unique: true },
        ],
      });
      t.is(await later.count({ tags: 't1', time: 3 }), 210);
      t.is((await pages(later, { where: { tags: 't0' }, orderBy: { field: 'time' }, limit: 400 })).length, 1_050);
      await t.throwsAsync(later.count({ owner: 'ann' }), { instanceOf: TypeError });
      await running.release();
      const again = await (
        await running.reopen()
      ).collection<Thing>({
        name,
        indexes: [{ name: 'owner', fields: ['owner', 'time'] }],
      });
      t.is(await again.count({ owner: 'ann', time: 3 }), 210);
    });
  });

  test('every acknowledged write is there after kill -9 of the writer, and none is torn', async (t) => {
    await withOwn(subject, async (running) => {
      await running.release();
      const { child, lines } = await inserting(subject.engine, running.target, 420);
      await killed(child);
      // The store of the child, not the one of this test: a database of its own.
      const store = await running.reopen('killed');
      const things = await store.collection<Thing>(thingSpec('killed'));
      const all = new Map((await pages(things, { limit: 1_000 })).map((thing) => [thing.id, thing]));
      t.true(lines.length >= 420);
      const lost = lines.filter((line) => {
        if (line.startsWith('w')) return false;
        const thing = all.get(line.slice(2));
        return thing === undefined || (line.startsWith('r') && thing.count !== 1);
      });
      t.deepEqual(lost, []);
      const torn = [...all.values()].filter(({ id, host, filling }) => host !== id || String(filling).length !== 500);
      t.deepEqual(torn, []);
      for (const where of [{ owner: 'child' }, { tags: 'y' }, { time: { from: 0 } }, { host: { prefix: '' } }]) {
        t.is(await things.count(where), all.size, JSON.stringify(where));
      }
      const together = new Map<string, number>();
      for (const name of ['left', 'right']) {
        const side = await store.collection<Thing>(thingSpec(name));
        for (const { time } of await pages(side, { limit: 1_000 })) {
          const batch = `w ${String(time)}`;
          together.set(batch, (together.get(batch) ?? 0) + 1);
        }
        t.is(await side.count({ tags: 'x' }), await side.count());
      }
      t.deepEqual(new Set(together.values()), new Set([100]), 'several writes at once are there wholly or not at all');
      t.deepEqual(
        lines.filter((line) => line.startsWith('w') && !together.has(line)),
        [],
      );
    });
  });
}
