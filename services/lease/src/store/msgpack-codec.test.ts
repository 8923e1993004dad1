import test from 'ava';
import { Packr } from 'msgpackr';
import { bench, openTestLab, request, TestStream } from '../app/lab.fixture.js';
import type { BenchSpec } from '../domain/index.js';
import {
  LabState,
  planAcquire,
  planAnnounce,
  planDeleteReservation,
  planDetach,
  planPutReservation,
  planUpdateBench,
} from '../domain/index.js';
import { OPERATOR, Scene } from '../../simulation/scene.js';
import { named, request as asked, RULES } from '../../simulation/specs.js';
import { msgpackCodec } from './msgpack-codec.js';

test('a state reads back as it was written: benches, offers, queue, leases and the revision', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a'), bench('b2', 'b')] });
  const [holder, waiter] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'TTL', ttlMs: 5000, maxDurationMs: 9000 }), holder, holder);
  const waiting = lab.acquire(request('r2', 'a', { waitMs: 60_000, priority: 70 }), waiter, waiter);
  await lab.run({
    requestId: '',
    fingerprint: '',
    plan: (draft) => {
      const entities = { dut: { attributes: [{ name: 'x', weight: 3 }], properties: {} } };
      draft.emit({
        type: 'OfferPut',
        offer: {
          pool: 'p',
          location: '',
          attributes: [],
          entities,
          labels: {},
          available: 2,
          blockedReason: '',
          updatedMs: 1,
        },
      });
    },
  });
  const { state } = lab;
  const copy = new LabState(state.rules);
  msgpackCodec.decodeState(msgpackCodec.encodeState(state), copy);
  t.is(copy.revision, state.revision);
  t.deepEqual([...copy.offers.values()], [...state.offers.values()]);
  t.deepEqual(copy.leaseOf.get('r1')?.token, state.leaseOf.get('r1')?.token);
  t.is(copy.leaseOf.get('r1')?.endMs, state.leaseOf.get('r1')?.endMs);
  t.is(copy.leaseOf.get('r1')?.detachedUntilMs, undefined);
  t.is(copy.benches.get('b1')?.lease?.spec.requestId, 'r1');
  const [first] = copy.queue;
  const [original] = state.queue;
  t.deepEqual(first?.spec, original?.spec);
  t.is(first?.score, original?.score);
  t.is(first?.waitUntilMs, original?.waitUntilMs);
  waiter.hangUp();
  await waiting;
  await close();
});

const packr = new Packr({ useRecords: false });

interface Stored {
  readonly benches: readonly { cleaning?: number; readonly spec: BenchSpec }[];
  readonly leases: readonly { specs?: readonly BenchSpec[]; ownEndMs?: number }[];
  readonly requests: readonly { keptUntilMs?: number }[];
  reservations?: unknown;
  goneReservations?: unknown;
}

function heldPair(): Scene {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b1'), named('b2')]);
  return scene;
}

function storedOf(scene: Scene): Stored {
  return packr.unpack(msgpackCodec.encodeState(scene.state)) as Stored;
}

function readBack(stored: Stored): LabState {
  const copy = new LabState(RULES);
  msgpackCodec.decodeState(packr.pack(stored), copy);
  return copy;
}

test('a snapshot has the granted description of a bench only where the bench was changed since', (t) => {
  const scene = heldPair();
  const [, granted] = scene.leaseOf('holder').specs;
  t.is(storedOf(scene).leases[0]?.specs, undefined);
  const move = (location: string): unknown =>
    scene.run((draft) => planUpdateBench(draft, 'b2', '', (spec) => ({ ...spec, location })));
  move('elsewhere');
  t.deepEqual(storedOf(scene).leases[0]?.specs, [granted]);
  const copy = readBack(storedOf(scene));
  const { specs, benches } = copy.leaseOf.get('holder')!;
  t.deepEqual(specs, scene.leaseOf('holder').specs);
  t.is(specs[0], benches[0]?.spec, 'what was not changed is one object');
  t.is(benches[1]?.spec.location, 'elsewhere');
  move('');
  t.is(storedOf(scene).leases[0]?.specs, undefined, 'a change that was taken back');
});

test('a snapshot has what is announced beside the description, and one of before has nothing of it', (t) => {
  const scene = heldPair();
  t.false('announced' in (storedOf(scene).benches[0] ?? {}));
  scene.run((draft) => {
    planAnnounce(draft, 'b1', '', () => ({ properties: { at: 'x' } }));
  });
  const [first] = storedOf(scene).benches;
  t.deepEqual(first?.spec.properties, {}, 'an older version reads the description');
  const { spec, base, announced } = readBack(storedOf(scene)).benches.get('b1')!;
  t.deepEqual(spec.properties, { at: 'x' });
  t.deepEqual(base.properties, {});
  t.deepEqual(announced, { properties: { at: 'x' }, labels: {} });
});

test('a lease of a snapshot of before has the benches as they are', (t) => {
  const scene = heldPair();
  scene.run((draft) => planUpdateBench(draft, 'b2', '', (spec) => ({ ...spec, location: 'elsewhere' })));
  const stored = storedOf(scene);
  for (const lease of stored.leases) delete lease.specs;
  const { specs, benches } = readBack(stored).leaseOf.get('holder')!;
  t.deepEqual(
    specs,
    benches.map(({ spec }) => spec),
  );
});

test('a waiter of a snapshot of before has what is free kept back as long as its place', (t) => {
  const scene = heldPair();
  scene.acquire('away', [named('b1')], { graceMs: 60_000 });
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  const { detachedUntilMs, keptUntilMs } = scene.waiting('away');
  t.not(keptUntilMs, detachedUntilMs);
  const stored = storedOf(scene);
  for (const request of stored.requests) delete request.keptUntilMs;
  t.like(readBack(stored).requests.get('away'), { detachedUntilMs, keptUntilMs: detachedUntilMs, aside: false });
});

test('a bench that is to be cleaned still is in a copy; one of a snapshot of before is lent', (t) => {
  const scene = new Scene({}, { ...bench('b2'), recycle: 'CLEAN' });
  scene.acquire('holder', [named('b2')]);
  const { token } = scene.leaseOf('holder');
  scene.release('holder');
  const stored = storedOf(scene);
  t.is(readBack(stored).benches.get('b2')?.cleaning, token);
  for (const one of stored.benches) delete one.cleaning;
  t.is(readBack(stored).benches.get('b2')?.cleaning, 0);
});

test('reservations and the ends that they set still are in a copy', (t) => {
  const scene = heldPair();
  const startMs = scene.now + 3_600_000;
  const spec = { id: 'k', version: 3, benches: ['b1'], owners: [], startMs, endMs: startMs + 1 };
  scene.run((draft) => {
    planPutReservation(draft, spec, false, OPERATOR);
    planPutReservation(draft, { ...spec, id: 'gone', benches: ['b2'] }, false, OPERATOR);
    planDeleteReservation(draft, { id: 'gone', version: 4, ifUnused: false }, OPERATOR);
    planAcquire(draft, asked('mine', [], { booking: 'k', asOperator: true }), 's1');
  });
  const copy = readBack(storedOf(scene));
  t.like(copy.reservations.get('k'), { ...spec, started: false, used: false });
  t.is(copy.reservations.next?.id, 'k');
  t.is(copy.reservations.gone('gone')?.version, 4);
  t.like(copy.leaseOf.get('holder'), { endMs: startMs, ownEndMs: undefined });
  t.is(copy.benches.get('b1')?.clearMs, startMs);
  const [demand] = copy.demands.spending('k');
  t.deepEqual([...(demand?.benches ?? [])], [copy.benches.get('b1')]);
});

test('the end of a lease of a snapshot of before is its own', (t) => {
  const scene = new Scene({}, bench('b1'));
  scene.acquire('holder', [named('b1')], { maxDurationMs: 5_000 });
  const { endMs } = scene.leaseOf('holder');
  const stored = storedOf(scene);
  delete stored.reservations;
  delete stored.goneReservations;
  for (const lease of stored.leases) delete lease.ownEndMs;
  t.like(readBack(stored).leaseOf.get('holder'), { endMs, ownEndMs: endMs });
});

test('a snapshot of another version is refused with a text that says so', (t) => {
  const bytes = msgpackCodec.encodeEvent({ version: 99 } as never);
  t.throws(
    () => {
      msgpackCodec.decodeState(bytes, new LabState({ ...RULES, keepBackMs: 0 }));
    },
    { message: /has version 99/ },
  );
});
