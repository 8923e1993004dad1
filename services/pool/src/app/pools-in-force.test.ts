import type { CollectionStore } from '@berth/storage';
import { openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { PoolOptions } from '../domain/options/options.js';
import { DEFAULT_OPTIONS } from '../domain/options/options.js';
import type { PoolDocument } from '../domain/pool-document.js';
import { POOLS } from '../ports/collections.js';
import { openInForce } from '../store/open-in-force.js';
import { PoolsInForce } from './pools-in-force.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ANN = { name: 'ann', kind: 'caller' } as const;

function pool(name: string, max = 4): PoolOptions {
  return { ...DEFAULT_OPTIONS, name, max, commands: { new: 'make', delete: 'remove' } };
}

function key(id: string) {
  return { id, fingerprint: `of ${id}` };
}

async function openStore(t: ExecutionContext): Promise<CollectionStore> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  return store;
}

function openPools(store: CollectionStore) {
  const answered = { name: 'answered', fields: ['answeredIds'], unique: true };
  return store.collection<PoolDocument>({ name: POOLS, indexes: [answered] });
}

async function openReplica(t: ExecutionContext, store: CollectionStore, clock: FakeClock): Promise<PoolsInForce> {
  const pools = await openPools(store);
  const inForce = await openInForce(store);
  const replica = new PoolsInForce({ inForce, pools, clock, logger: SILENT, requestIdTtlMs: 86_400_000 });
  await replica.start();
  t.teardown(() => replica.stop());
  return replica;
}

/** Lets time pass until `condition` holds: who waits for a time may begin to wait after the clock was moved. */
async function passing(clock: FakeClock, condition: () => boolean, what: string): Promise<void> {
  await until(
    () => {
      clock.advance(100);
      return condition();
    },
    { what },
  );
}

function told(replica: PoolsInForce): readonly string[] {
  return replica.all.map(({ options, removed }) => `${options.name} ${options.max}${removed ? ' removed' : ''}`);
}

test('what is applied is in force at once, and after a restart', async (t) => {
  const [store, clock] = [await openStore(t), fakeClock()];
  const replica = await openReplica(t, store, clock);
  t.deepEqual(told(replica), []);
  let changes = 0;
  const end = replica.onChange(() => (changes += 1));
  t.deepEqual(await replica.apply([pool('b'), pool('a')], 'ann', key('1')), [
    { pool: 'a', kind: 'ADDED', options: [] },
    { pool: 'b', kind: 'ADDED', options: [] },
  ]);
  t.deepEqual(told(replica), ['a 4', 'b 4']);
  t.is(changes, 1);
  await replica.apply([pool('a', 1)], 'ann', key('2'));
  t.deepEqual(told(replica), ['a 1', 'b 4 removed']);
  t.deepEqual(told(await openReplica(t, store, clock)), ['a 1', 'b 4 removed']);
  await replica.forget('b');
  t.deepEqual(told(replica), ['a 1']);
  end();
  await replica.forget('a');
  t.deepEqual([told(replica), changes], [['a 1'], 3]);
});

test('a repeat changes nothing, and its id cannot ask for something else', async (t) => {
  const replica = await openReplica(t, await openStore(t), fakeClock());
  await replica.apply([pool('a')], 'ann', key('1'));
  await replica.apply([pool('b')], 'ann', key('2'));
  t.deepEqual(await replica.apply([pool('a')], 'ann', key('1')), []);
  t.deepEqual(told(replica), ['a 4 removed', 'b 4']);
  await t.throwsAsync(replica.apply([], 'ann', { id: '1', fingerprint: 'other' }), { message: /'1'/ });
});

test('another replica follows', async (t) => {
  const [store, clock] = [await openStore(t), fakeClock()];
  const [one, other] = [await openReplica(t, store, clock), await openReplica(t, store, clock)];
  await one.apply([pool('a')], 'ann', key('1'));
  t.deepEqual(told(other), []);
  await passing(clock, () => told(other).length === 1, 'the pool');
  let changes = 0;
  other.onChange(() => (changes += 1));
  await one.setState('a', { state: 'PAUSED', reason: 'move', actor: ANN }, key('2'));
  await passing(clock, () => changes > 0, 'the sign');
});

test('a file is taken when it differs from the last one that was, so a restart undoes no ApplyPools', async (t) => {
  const [store, clock] = [await openStore(t), fakeClock()];
  const before = await openReplica(t, store, clock);
  await before.takeFile([pool('a')], 'hash 1');
  t.is(before.document.origin, 'file');
  await before.apply([pool('b')], 'ann', key('1'));
  const replica = await openReplica(t, store, clock);
  t.deepEqual(await replica.takeFile([pool('a')], 'hash 1'), []);
  t.deepEqual(told(replica), ['a 4 removed', 'b 4']);
  await replica.noteFileFault('line 3');
  t.is((await openReplica(t, store, clock)).document.fileFault, 'line 3');
  await replica.takeFile([pool('a')], 'hash 1');
  t.deepEqual([told(replica), replica.document.fileFault], [['a 4 removed', 'b 4'], '']);
  t.is((await replica.takeFile([pool('a', 2)], 'hash 2')).length, 2);
  t.deepEqual(told(replica), ['a 2', 'b 4 removed']);
});

test('an operator sets the state of a pool, and gives it back to the file', async (t) => {
  const [store, clock] = [await openStore(t), fakeClock()];
  const replica = await openReplica(t, store, clock);
  await replica.apply([pool('a')], 'ann', key('1'));
  const documents = await openPools(store);
  const override = async () => (await documents.get('a'))?.value.override;
  await replica.setState('a', { state: 'DRAINING', reason: 'move', actor: ANN }, key('2'));
  const set = { state: 'DRAINING', reason: 'move', actor: ANN, timeMs: clock.now() };
  t.deepEqual(await override(), set as never);
  clock.advance(1000);
  await replica.setState('a', { state: 'DRAINING', reason: 'move', actor: ANN }, key('2'));
  t.deepEqual(await override(), set as never);
  await replica.setState('a', { state: 'ACTIVE', reason: '', actor: ANN }, key('3'));
  t.is(await override(), undefined);
  const error = await t.throwsAsync(replica.setState('b', { state: 'PAUSED', reason: 'x', actor: ANN }, key('4')));
  t.is(error.message, "there is no pool 'b'; did you mean 'a'? List them with 'berth pool ls'.");
});
