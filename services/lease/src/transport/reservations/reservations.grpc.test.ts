import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { PutReservationResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { WaitReason } from '@berth/proto/berth/lease/v1/lease';
import { ReservationGoneReason } from '@berth/proto/berth/lease/v1/reservation';
import test from 'ava';
import type { LabServer } from '../lab-server.fixture.js';
import { labEngines, serveLab } from '../lab-server.fixture.js';
import { acquire, eventOf } from '../leases/acquire-events.fixture.js';

const HOUR_MS = 3_600_000;

function later(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS);
}

/** Reserves twin1 for ann, from in two hours for one hour, unless said otherwise. */
function put(server: LabServer, more: object = {}, call: object = {}): Promise<PutReservationResponse> {
  return server.lease.call('putReservation', { reservation: reservation(more), ...call }, 'booking/operator');
}

function reservation(more: object): object {
  return {
    id: 'bk-1',
    version: 1,
    benches: ['twin1'],
    owners: ['ann'],
    startTime: later(2),
    endTime: later(3),
    ...more,
  };
}

for (const [engine, serve] of labEngines(test)) {
  test(`${engine}: a reservation is put, listed, moved and deleted, and a repeat is answered as the first time`, async (t) => {
    const server = await serve(t);
    const made = await put(server, {}, { requestId: 'p-1' });
    t.true(made.current);
    t.like(made.reservation, { id: 'bk-1', version: 1, benches: ['twin1'], started: false, used: false });
    const moved = { version: 2, startTime: later(4), endTime: later(5), benches: ['twin1', 'twin2'] };
    t.true((await put(server, moved)).current);
    t.deepEqual(
      await put(
        server,
        { startTime: made.reservation?.startTime, endTime: made.reservation?.endTime },
        { requestId: 'p-1' },
      ),
      made,
    );
    t.false((await put(server)).current, 'what is older changes nothing');
    const listed = async (more: object): Promise<readonly string[]> =>
      (await server.lease.call('listReservations', more, 'eve/viewer')).reservations.map(
        ({ id, version }) => `${id} ${version}`,
      );
    t.deepEqual(await listed({}), ['bk-1 2']);
    t.deepEqual(await listed({ bench: 'twin2', owner: 'ann', ids: ['bk-1', 'bk-2'] }), ['bk-1 2']);
    t.deepEqual(await listed({ bench: 'resource1' }), []);
    t.deepEqual(await listed({ owner: 'bob' }), []);
    const remove = (version: number): Promise<{ deleted: boolean }> =>
      server.lease.call('deleteReservation', { id: 'bk-1', version, ifUnused: true }, 'booking/operator');
    t.false((await remove(1)).deleted);
    t.true((await remove(3)).deleted);
    t.true((await remove(3)).deleted);
    t.deepEqual(await listed({}), []);
  });
}

test('pages of reservations go by id', async (t) => {
  const server = await serveLab(t);
  for (let i = 0; i < 5; i++) await put(server, { id: `bk-${i}`, startTime: later(10 + i), endTime: later(11 + i) });
  const first = await server.lease.call('listReservations', { pageSize: 3 });
  const rest = await server.lease.call('listReservations', { pageSize: 3, pageToken: first.nextPageToken });
  const ids = [...first.reservations, ...rest.reservations].map(({ id }) => id);
  t.deepEqual(ids, ['bk-0', 'bk-1', 'bk-2', 'bk-3', 'bk-4']);
  t.is(rest.nextPageToken, '');
});

test('watchers are told of reservations, in the snapshot and as they change', async (t) => {
  const server = await serveLab(t);
  await put(server);
  const watch = server.lease.open('watch', {}, 'eve/viewer');
  const { changes } = await watch.next();
  t.like(changes.find(({ kind }) => kind?.$case === 'reservationPut')?.kind?.value, { id: 'bk-1', version: 1 });
  await server.lease.call('deleteReservation', { id: 'bk-1', version: 1 });
  const [gone] = (await watch.next()).changes;
  t.deepEqual(gone?.kind, {
    $case: 'reservationGone',
    value: { id: 'bk-1', reason: ReservationGoneReason.DELETED, version: 1 },
  });
  watch.hangUp();
});

test('a booking is spent by its owners, and those who wait are told whose it is', async (t) => {
  const server = await serveLab(t);
  await put(server, { startTime: later(0), benches: ['twin1', 'twin2'] });
  const spend = { booking: 'bk-1', hold: HoldMode.MANUAL };
  t.is((await server.lease.open('acquire', spend, 'bob/user').over)?.reason, 'PERMISSION_DENIED');
  t.is((await server.lease.open('acquire', { ...spend, booking: 'bk-2' }, 'ann/user').over)?.reason, 'NO_SUCH_BOOKING');
  const { lease } = await acquire(server, spend, 'ann/user');
  t.deepEqual(
    lease.benches.map(({ name }) => name),
    ['twin1', 'twin2'],
  );
  t.is(lease.booking, 'bk-1');
  const { reservations } = await server.lease.call('listReservations', {});
  t.like(reservations[0], { started: true, used: true });
  t.deepEqual(lease.endTime, reservations[0]?.endTime);
  const waiting = server.lease.open('acquire', { requirements: [{ attributes: ['twin'] }] }, 'bob/user');
  const queued = await eventOf(waiting, 'queued');
  t.is(queued.reason, WaitReason.BOOKED);
  t.like(queued.candidates[0], { bench: 'twin1', holder: 'ann', bookedBy: 'ann', bookedUntil: lease.endTime });
  waiting.hangUp();
  t.is(
    (await server.lease.refusal('extend', { leaseId: lease.id, duration: { seconds: 4 * 3600, nanos: 0 } }, 'ann/user'))
      .reason,
    'BENCH_BOOKED',
  );
  const removal = await server.inventory.refusal('deleteBench', { name: 'twin1' });
  t.deepEqual([removal.code, removal.reason], ['FAILED_PRECONDITION', 'BENCH_BOOKED']);
});

test('a reservation that is in the way of others is refused, with who and until when', async (t) => {
  const server = await serveLab(t);
  const max = { seconds: 3 * 3600, nanos: 0 };
  await acquire(server, { requirements: [{ bench: 'twin1' }], hold: HoldMode.MANUAL, maxDuration: max }, 'bob/user');
  const held = await server.lease.refusal('putReservation', { reservation: reservation({}) });
  t.deepEqual([held.code, held.reason], ['FAILED_PRECONDITION', 'BENCH_HELD']);
  t.regex(
    held.text,
    /^booking 'bk-1' can not have bench 'twin1': it is held by bob, whose lease was promised until 20/,
  );
  t.true((await put(server, {}, { force: true })).current);
  const booked = await server.lease.refusal('putReservation', {
    reservation: reservation({ id: 'bk-2' }),
    force: true,
  });
  t.is(booked.reason, 'BENCH_BOOKED');
  t.regex(booked.text, /^bench 'twin1' is booked by ann from .+ until .+ \(booking 'bk-1'\): /);
});

const wrong: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'no version',
    { version: 0 },
    ['reservation.version: is 0; allowed are whole numbers from 1 on, larger with each change of the booking'],
  ],
  ['no bench', { benches: [] }, ['reservation.benches: is empty; give at least one']],
  ['a bench twice', { benches: ['b', 'b'] }, ["reservation.benches[1]: is 'b' once more; name each bench once"]],
  ['an owner without a name', { owners: [''] }, ['reservation.owners[0]: is required']],
  [
    'no times',
    { startTime: undefined, endTime: undefined },
    ['reservation.start_time: is missing', 'reservation.end_time: is missing'],
  ],
  [
    'an end before the start',
    { endTime: later(1) },
    ['reservation.end_time: is not after start_time; give a later end'],
  ],
  ['no id', { id: '' }, ['reservation.id: is empty; give a name']],
];

for (const [what, more, fields] of wrong) {
  test(`wrong input is refused, and nothing is reserved: ${what}`, async (t) => {
    const { lease } = await serveLab(t);
    const error = await lease.refusal('putReservation', { reservation: reservation(more) });
    t.deepEqual([error.code, error.reason, error.fields], ['INVALID_ARGUMENT', 'INVALID_FIELD', fields]);
    t.deepEqual((await lease.call('listReservations', {})).reservations, []);
  });
}

test('what is over, or of no bench or lab, is not reserved; nothing is when it is only checked', async (t) => {
  const server = await serveLab(t);
  const over = await server.lease.refusal('putReservation', {
    reservation: reservation({ startTime: later(-2), endTime: later(-1) }),
  });
  t.deepEqual([over.reason, over.fields.length], ['INVALID_FIELD', 1]);
  const nowhere = await server.lease.refusal('putReservation', { reservation: reservation({ benches: ['twin3'] }) });
  t.deepEqual([nowhere.code, nowhere.reason], ['NOT_FOUND', 'NO_SUCH_BENCH']);
  const noLab = await server.lease.refusal('putReservation', { lab: 'elsewhere', reservation: reservation({}) });
  t.is(noLab.reason, 'NO_SUCH_LAB');
  t.true((await put(server, {}, { validateOnly: true })).current);
  t.deepEqual((await server.lease.call('listReservations', {})).reservations, []);
});
