import test from 'ava';
import { entitlementsOf, sizesOf } from '../queries.js';
import { NOON, Root, UMA, clusterAsk, span, wishes } from './root.fixture.js';

const day = { startMs: NOON, endMs: NOON + 24 * 3_600_000 };

test('a child takes its size from its parent, and follows it when it is resized', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  root.give(root.child('default/spark', 'default', { cores: 4 }, 1, 9));
  t.deepEqual([root.left('cores', 2), root.left('cores', 2, 'default/spark')], [6, 4]);
  const resize = (from: number, cores: number) =>
    ({
      kind: 'resizeCluster',
      name: 'default/spark',
      startMs: span(from, from).startMs,
      amounts: { cores },
      parts: [],
      force: false,
    }) as const;
  root.give(resize(5, 7));
  t.deepEqual([root.left('cores', 2), root.left('cores', 6)], [6, 3]);
  t.deepEqual(
    sizesOf(root.state, 'default/spark', day).map(({ startMs, amounts }) => [
      (startMs - NOON) / 3_600_000,
      amounts['cores'],
    ]),
    [
      [1, 4],
      [5, 7],
    ],
  );
  const refused = root.refusal(resize(6, 11));
  t.like(refused.details.metadata, { cluster: 'default', shortfall: '1', amount: 'cores' });
  root.booked({ cluster: 'default/spark', amounts: { cores: 5 } }, 6, 7);
  t.like(root.refusal(resize(6, 4)).details.metadata, { cluster: 'default/spark', shortfall: '1' });
  root.give({ ...resize(6, 4), force: true });
  t.is(
    root.refusal({ ...resize(6, 11), force: true }).details.metadata?.['cluster'],
    'default',
    'its parent is not forced',
  );
  t.is(root.left('cores', 6, 'default/spark'), -1);
});

test('within a limit nobody is asked, and beyond it a size is refused', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  root.give(root.child('default/spark', 'default', { cores: 2 }, 1, 9, { limit: { cores: 6 } }));
  t.is(root.left('cores', 2), 4);
  const resize = (cores: number) =>
    ({
      kind: 'resizeCluster',
      name: 'default/spark',
      ...span(3, 9),
      amounts: { cores },
      parts: [],
      force: false,
    }) as const;
  root.booked({ amounts: { cores: 4 } }, 1, 9);
  root.give(resize(6));
  t.deepEqual([root.left('cores', 4), root.left('cores', 4, 'default/spark')], [0, 6]);
  const refused = root.refusal(resize(7));
  t.is(refused.reason, 'CLUSTER_LIMIT');
  t.is(refused.details.fields?.[0]?.field, 'size.amounts[cores]');
  const limit = (cores: number | null) =>
    ({ kind: 'updateCluster', name: 'default/spark', change: { limit: cores === null ? null : { cores } } }) as const;
  t.is(root.refusal(limit(7)).reason, 'NO_CAPACITY');
  t.is(root.refusal(limit(5)).reason, 'CLUSTER_LIMIT');
  root.pass(4);
  root.give(resize(1));
  root.give(limit(null));
  t.deepEqual([root.left('cores', 2), root.left('cores', 5)], [0, 5]);
});

test('children lie eight deep and no deeper, and end before what is around them', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  let name = 'default';
  for (let level = 1; level <= 8; level += 1) {
    root.give(root.child(`${name}/c`, name, { cores: 9 - level }, 1, 9));
    name += '/c';
  }
  root.booked({ cluster: name, amounts: { cores: 1 } }, 1, 9);
  t.is(root.left('cores', 1, name), 0);
  const ninth = root.refusal(root.child(`${name}/c`, name, { cores: 1 }, 1, 9));
  t.is(ninth.reason, 'CLUSTER_TOO_DEEP');
  const long = root.refusal(root.child('default/c/long', 'default/c', { cores: 1 }, 1, 10));
  t.deepEqual([long.reason, long.details.fields?.[0]?.field], ['INVALID_RANGE', 'cluster.range.end']);
  t.is(root.refusal({ kind: 'deleteCluster', name: 'default/c', force: false }).reason, 'CLUSTER_IN_USE');
  root.give({ kind: 'deleteCluster', name: 'default/c', force: true });
  t.is(root.left('cores', 2), 10);
  t.true([...root.state.bookings.values()].every(({ state }) => state === 'CANCELLED'));
});

test('what is in a provisional cluster is provisional, and is made firm after it', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const holder = root.booked({ amounts: { cores: 2 } }, 1, 9);
  root.give({ ...root.child('default/spark', 'default', { cores: 4 }, 1, 9), whenFull: 'WAIT' } as ReturnType<
    Root['child']
  >);
  const inside = { cluster: 'default/spark', amounts: { cores: 1 } };
  t.is(root.refusal(root.book(inside, 1, 2)).reason, 'NO_CAPACITY');
  const waiting = root.booked(inside, 1, 2, { wishes: wishes('olga', { whenFull: 'WAIT' }) });
  t.is(waiting.state, 'PROVISIONAL');
  root.give({ kind: 'cancelBooking', id: holder.id, scope: 'ONE', why: '' });
  t.is(root.stateOf(waiting), 'BOOKED');
  t.is(root.left('cores', 1), 0);
});

test('a provisional cluster goes at its start, with what is in it', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  root.booked({ amounts: { cores: 2 } }, 1, 9);
  root.give({ ...root.child('default/spark', 'default', { cores: 4 }, 1, 9), whenFull: 'WAIT' } as ReturnType<
    Root['child']
  >);
  const waits = { wishes: wishes('olga', { whenFull: 'WAIT' }) } as const;
  const waiting = root.booked({ cluster: 'default/spark', amounts: { cores: 1 } }, 3, 4, waits);
  root.pass(1);
  t.is(root.stateOf(waiting), 'CANCELLED');
  t.is(root.state.clusters.get('default/spark')?.deletedMs, root.now);
});

test('parts make a size, and shares of each of its periods are whole numbers', (t) => {
  const root = new Root();
  root.grant({ cores: 20, memory: 64 });
  const parts = [
    { role: 'master', template: 'big', templateVersion: 1, count: 1, amounts: { cores: 2, memory: 16 } },
    { role: 'worker', template: 'small', templateVersion: 2, count: 3, amounts: { cores: 3, memory: 9 } },
  ];
  const cluster = clusterAsk('default/k8s', { parent: 'default', ...span(1, 9), parts });
  root.give({ kind: 'createCluster', cluster, bookingId: 'bk-k8s', whenFull: 'REFUSE', priority: 50 });
  t.deepEqual([root.left('cores', 2), root.left('memory', 2)], [15, 39]);
  const share = root.booked({ cluster: 'default/k8s', share: 3333 }, 1, 9);
  t.deepEqual(entitlementsOf(root.state, share, 0)[0]?.amounts, { cores: 1, memory: 8 });
  const twice = clusterAsk('default/twice', { parent: 'default', ...span(1, 9), parts: [...parts, ...parts.slice(1)] });
  const command = { kind: 'createCluster', cluster: twice, bookingId: 'bk', whenFull: 'REFUSE', priority: 50 } as const;
  t.is(root.refusal(command).details.fields?.[0]?.field, 'cluster.parts');
});

test('a cluster is changed by its owner, and its booking only by it', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  root.give(root.child('default/spark', 'default', { cores: 1 }, 1, 9));
  const own = root.state.clusters.get('default/spark')?.booking ?? '';
  t.is(root.refusal({ kind: 'cancelBooking', id: own, scope: 'ONE', why: '' }).reason, 'INVALID_FIELD');
  const change = { endMs: span(0, 12).endMs, description: 'longer' };
  t.is(root.refusal({ kind: 'updateCluster', name: 'default/spark', change, by: UMA }).reason, 'PERMISSION_DENIED');
  root.give({ kind: 'updateCluster', name: 'default/spark', change });
  t.deepEqual([root.left('cores', 11), root.left('cores', 11, 'default/spark')], [3, 1]);
  t.is(root.state.clusters.get('default/spark')?.description, 'longer');
  t.is(root.refusal(root.child('default/spark', 'default', { cores: 1 }, 1, 9)).reason, 'CLUSTER_EXISTS');
  t.is(root.refusal({ kind: 'deleteCluster', name: 'default', force: true }).reason, 'INVALID_FIELD');
});

test('another root is made and deleted', (t) => {
  const root = new Root('quota');
  t.is(root.refusal(root.book({ amounts: { cores: 1 } }, 1, 2)).reason, 'NO_SUCH_CLUSTER');
  const create = {
    kind: 'createCluster',
    cluster: clusterAsk('quota'),
    bookingId: '',
    whenFull: 'REFUSE',
    priority: 50,
  } as const;
  root.give(create);
  t.is(root.refusal(create).reason, 'CLUSTER_EXISTS');
  root.grant({ cores: 4 });
  const booking = root.booked({ amounts: { cores: 1 } }, 1, 2);
  t.is(root.refusal({ kind: 'deleteCluster', name: 'quota', force: false }).reason, 'CLUSTER_IN_USE');
  root.give({ kind: 'deleteCluster', name: 'quota', force: true });
  t.is(root.stateOf(booking), 'CANCELLED');
  t.is(root.left('cores', 1), 0);
});
