import { BookingState, NoticeKind, SeriesScope, WhenFull } from '@berth/proto/berth/booking/v1/booking';
import { until } from '@berth/testkit';
import test from 'ava';
import { at, days, on, startBooking } from './booking-server.fixture.js';

const JUNE = days('2026-06-01', '2026-06-30');
const HOUR_MS = 3_600_000;

function cores(n: number, range: object = JUNE, more: object = {}) {
  return { booking: { spans: [{ amounts: { cores: n }, range }], ...more } };
}

function grant(n: number, range: object = days('2026-01-01', '2026-12-31')) {
  return { grant: { amounts: { cores: n }, range } };
}

test('what does not fit is refused with all that is needed to look for another time', async (t) => {
  const { capacity, bookings, berth } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const { booking } = await bookings.call('createBooking', cores(8), 'ann/user');
  t.like(booking, { owner: 'ann', state: BookingState.BOOKED, root: 'default', degraded: false, priority: 50 });
  t.deepEqual(booking?.interval, { startTime: new Date('2026-06-01T00:00Z'), endTime: new Date('2026-07-01T00:00Z') });
  t.deepEqual(booking?.spans[0]?.taken, { cores: 8 });
  const refused = await t.throwsAsync(berth.bookings.createBooking(cores(3, days('2026-06-20', '2026-06-21'))));
  t.like(refused, {
    reason: 'NO_CAPACITY',
    details: {
      metadata: {
        cluster: 'default',
        from: '2026-06-20T00:00:00.000Z',
        until: '2026-06-22T00:00:00.000Z',
        amount: 'cores',
        shortfall: '1',
        blockers: booking?.id,
        next_start: '2026-07-01T00:00:00.000Z',
      },
    },
  });
  t.is((await bookings.call('listBookings', {})).bookings.length, 1);
});

test('what is read can be sent back with another end', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  await capacity.call('createTemplate', { template: { name: 'small', amounts: { cores: 2 } } });
  const asked = { booking: { spans: [{ template: 'small', templateCount: 3, range: JUNE }], labels: { job: '17' } } };
  const { booking: made } = await bookings.call('createBooking', asked);
  t.like(made?.spans[0], { template: 'small', templateVersion: 1, templateCount: 3, amounts: {}, taken: { cores: 6 } });
  const spans = (made?.spans ?? []).map((span) => ({ ...span, range: { ...span.range, end: on('2026-07-15') } }));
  const { booking, changed } = await bookings.call('updateBooking', {
    booking: { ...made, spans },
    updateMask: ['spans'],
  });
  t.is(changed, 1);
  t.deepEqual(booking?.interval?.endTime, new Date('2026-07-16T00:00Z'));
  t.deepEqual([booking?.labels, booking?.spans[0]?.template], [{ job: '17' }, 'small']);
  t.not(booking?.etag, made?.etag);
});

test('blocks come in pages that are one calendar', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  await capacity.call('createTemplate', { template: { name: 'small', amounts: { cores: 3 } } });
  await bookings.call('createBooking', cores(4, { start: at('2026-06-02T12:00Z'), end: at('2026-06-03T12:00Z') }));
  const asked = { range: days('2026-06-01', '2026-06-05'), calendar: { grain: 3 }, templates: ['small'], levels: true };
  const whole = await bookings.call('getAvailability', asked);
  t.deepEqual(
    whole.blocks.map(({ amounts }) => amounts[0]?.firm?.worst),
    [10, 6, 6, 10, 10],
  );
  t.deepEqual(
    whole.blocks.map(({ fits }) => fits[0]?.firm),
    [3, 2, 2, 3, 3],
  );
  const half = { seconds: 12 * 3600, nanos: 0 };
  t.deepEqual(whole.blocks[1]?.amounts[0], {
    amount: 'cores',
    granted: 10,
    firm: {
      booked: 4,
      worst: 6,
      best: 10,
      levels: [
        { available: 6, duration: half },
        { available: 10, duration: half },
      ],
    },
    all: undefined,
  });
  const first = await bookings.call('getAvailability', { ...asked, pageSize: 2 });
  const rest = await bookings.call('getAvailability', { ...asked, pageToken: first.nextPageToken });
  t.deepEqual([...first.blocks, ...rest.blocks], whole.blocks);
  t.is(rest.nextPageToken, '');
  const other = { ...asked, levels: false, pageToken: first.nextPageToken };
  t.is((await bookings.refusal('getAvailability', other)).reason, 'INVALID_PAGE_TOKEN');
});

test('a share follows the size of its cluster, and its exclusive cluster is made with it or not at all', async (t) => {
  const { capacity, bookings, clock } = await startBooking(t);
  await capacity.call('createGrant', grant(20));
  const spark = { name: 'default/spark', amounts: { cores: 10 }, range: JUNE };
  const { cluster } = await capacity.call('createCluster', { cluster: spark });
  t.like(cluster, { parent: 'default', root: 'default', amounts: { cores: 10 }, owner: 'ann' });
  const share = { spans: [{ cluster: 'default/spark', share: 2500, range: JUNE }] };
  const { booking } = await bookings.call('createBooking', { booking: share });
  t.deepEqual(booking?.spans[0]?.taken, { cores: 2 }, 'a quarter of 10, rounded down');
  await capacity.call('resizeCluster', { name: 'default/spark', amounts: { cores: 20 }, start: on('2026-06-11') });
  const { sizes } = await capacity.call('listSizes', { cluster: 'default/spark' });
  t.deepEqual(
    sizes.map(({ amounts }) => amounts['cores']),
    [10, 20],
  );
  clock.advance(Date.parse('2026-06-12T00:00Z') - clock.now());
  const { booking: later } = await bookings.call('getBooking', { id: booking?.id ?? '' });
  t.deepEqual(later?.spans[0]?.taken, { cores: 5 });
  const july = days('2026-07-01', '2026-07-31');
  const own = (n: number) => ({
    booking: { spans: [{ share: 5000, range: july }] },
    newCluster: { parent: 'default', amounts: { cores: n }, range: july },
  });
  t.is((await bookings.refusal('createBooking', own(21))).reason, 'NO_CAPACITY');
  t.is((await capacity.call('listClusters', { parent: 'default' })).clusters.length, 1);
  const made = await bookings.call('createBooking', own(20));
  t.is(made.newCluster?.exclusiveBooking, made.booking?.id);
  t.deepEqual(made.booking?.spans[0]?.taken, { cores: 10 });
});

test('a provisional booking is shown apart, and made firm by the cancellation that gives it room', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const { booking: firm } = await bookings.call('createBooking', cores(8));
  const waiting = cores(4, JUNE, { whenFull: WhenFull.WAIT });
  const { booking } = await bookings.call('createBooking', waiting, 'bob/user');
  const id = booking?.id ?? '';
  t.like(booking, { state: BookingState.PROVISIONAL, shortfall: { amount: 'cores', shortfall: 2 } });
  const { blocks } = await bookings.call('getAvailability', { range: days('2026-06-01', '2026-06-01') });
  t.deepEqual([blocks[0]?.amounts[0]?.firm?.worst, blocks[0]?.amounts[0]?.all?.worst], [2, -2]);
  const { conflicts } = await bookings.call('listConflicts', {});
  t.deepEqual(
    conflicts.map((conflict) => conflict.booking?.id),
    [id],
  );
  const watch = bookings.open('watch', { noticesOf: ['bob'] }, 'bob/user');
  t.is((await bookings.open('watch', { noticesOf: ['*'] }, 'bob/user').over)?.reason, 'PERMISSION_DENIED');
  await bookings.call('cancelBooking', { id: firm?.id ?? '', reason: 'not needed' });
  t.is((await bookings.call('getBooking', { id })).booking?.state, BookingState.BOOKED);
  await until(() => watch.messages.some(({ notice }) => notice?.kind === NoticeKind.PROMOTED), { what: 'the notice' });
  watch.hangUp();
});

test('a watch tells all blocks, then those that change', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const watch = bookings.open('watch', { availability: { range: days('2026-06-01', '2026-06-04') } });
  const worst = () => watch.messages.flatMap(({ block }) => block?.amounts[0]?.firm?.worst ?? []);
  await until(() => worst().length === 4, { what: 'all blocks' });
  await bookings.call('createBooking', cores(3, days('2026-06-02', '2026-06-02')));
  await until(() => worst().length > 4, { what: 'the changed block' });
  t.deepEqual(worst(), [10, 10, 10, 10, 7]);
  t.deepEqual(watch.messages.at(-1)?.block?.interval?.startTime, new Date('2026-06-02T00:00Z'));
  watch.hangUp();
});

test('a hold is confirmed in time, or expires; a repeat gives the same answer', async (t) => {
  const { capacity, bookings, clock } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const hold = { ...cores(10), ttl: { seconds: 60, nanos: 0 }, requestId: 'hold-1' };
  const { booking } = await bookings.call('createHold', hold);
  t.like(booking, { state: BookingState.HELD, holdExpireTime: new Date(clock.now() + 60_000) });
  t.is((await bookings.call('createHold', hold)).booking?.id, booking?.id);
  const reused = await bookings.refusal('createHold', { ...hold, ttl: { seconds: 61, nanos: 0 } });
  t.is(reused.reason, 'REQUEST_ID_REUSED');
  const other = await bookings.refusal('createBooking', cores(1));
  t.is(other.reason, 'NO_CAPACITY');
  clock.advance(61_000);
  t.is((await bookings.refusal('confirmHold', { id: booking?.id ?? '' })).reason, 'HOLD_EXPIRED');
  const { booking: next } = await bookings.call('createHold', cores(10));
  const confirmed = await bookings.call('confirmHold', { id: next?.id ?? '', etag: next?.etag ?? '' });
  t.is(confirmed.booking?.state, BookingState.BOOKED);
  t.is((await bookings.refusal('confirmHold', { id: next?.id ?? '' })).reason, 'NOT_A_HOLD');
});

test('a weekly series keeps its time of day over the change of clocks, and is cancelled from one on', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const range = { start: at('2026-03-16T09:00Z'), end: at('2026-03-16T10:00Z'), timeZone: 'Europe/London' };
  const { bookings: made, seriesId } = await bookings.call('createSeries', {
    ...cores(1, range),
    recurrence: { rule: 'FREQ=WEEKLY;COUNT=4', excluded: [on('2026-03-23')] },
  });
  t.deepEqual(
    made.map(({ interval }) => interval?.startTime?.toISOString()),
    ['2026-03-16T09:00:00.000Z', '2026-03-30T08:00:00.000Z', '2026-04-06T08:00:00.000Z'],
  );
  t.true(made.every((one) => one.seriesId === seriesId));
  const second = made[1]?.id ?? '';
  const { cancelled } = await bookings.call('cancelBooking', { id: second, scope: SeriesScope.FOLLOWING });
  t.is(cancelled, 2);
  const { bookings: left } = await bookings.call('listBookings', { seriesId });
  t.deepEqual(
    left.map(({ id }) => id),
    [made[0]?.id],
  );
  const { bookings: those } = await bookings.call('listBookings', { ids: made.map(({ id }) => id) });
  t.is(those.length, 1, 'of those that were asked for, the ones that are not over');
});

test('the earliest starts are found, and a simulation stores nothing', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  await bookings.call('createBooking', cores(8, days('2026-06-05', '2026-06-10')));
  const { fits } = await bookings.call('findFits', {
    booking: { spans: [{ amounts: { cores: 5 } }] },
    duration: { seconds: 48 * 3600, nanos: 0 },
    window: JUNE,
    count: 2,
  });
  t.deepEqual(
    fits.map(({ interval, latestStartTime }) => [interval?.startTime, latestStartTime]),
    [
      [new Date('2026-06-01T00:00Z'), new Date('2026-06-03T00:00Z')],
      [new Date('2026-06-11T00:00Z'), new Date('2026-06-29T00:00Z')],
    ],
  );
  const simulated = await bookings.call('simulate', {
    grants: [grant(10).grant],
    bookings: [cores(12).booking, cores(12).booking],
    availability: { range: days('2026-06-01', '2026-06-01') },
  });
  t.deepEqual(
    simulated.bookings.map(({ state, shortfall }) => [state, shortfall?.amount]),
    [
      [BookingState.BOOKED, undefined],
      [BookingState.UNSPECIFIED, 'cores'],
    ],
  );
  t.is(simulated.availability?.blocks[0]?.amounts[0]?.firm?.worst, 8);
  t.is((await bookings.call('listBookings', {})).bookings.length, 1);
});

test('maintenance takes capacity whatever is booked, and what is booked is degraded for as long', async (t) => {
  const { capacity, bookings, clock } = await startBooking(t);
  const { grant: given } = await capacity.call('createGrant', grant(10));
  const { booking } = await bookings.call('createBooking', cores(8));
  const id = booking?.id ?? '';
  const { maintenance } = await capacity.call('createMaintenance', {
    maintenance: { amounts: { cores: 5 }, range: days('2026-06-10', '2026-06-10') },
  });
  t.true((await bookings.call('getBooking', { id })).booking?.degraded);
  t.like(await capacity.refusal('updateGrant', { grant: { id: given?.id ?? '', amounts: { cores: 7 } } }), {
    reason: 'NO_CAPACITY',
  });
  await capacity.call('deleteGrant', { id: maintenance?.id ?? '' });
  t.false((await bookings.call('getBooking', { id })).booking?.degraded);
  clock.advance(HOUR_MS);
  t.is((await capacity.call('listGrants', {})).grants.length, 1);
  t.is((await capacity.call('listGrants', { showDeleted: true })).grants.length, 2);
});

test('a dry run says what would be, and stores nothing', async (t) => {
  const { capacity, bookings } = await startBooking(t);
  await capacity.call('createGrant', grant(10));
  const { booking } = await bookings.call('createBooking', { ...cores(8), validateOnly: true });
  t.is(booking?.state, BookingState.BOOKED);
  t.is((await bookings.refusal('createBooking', { ...cores(11), validateOnly: true })).reason, 'NO_CAPACITY');
  t.is((await bookings.call('listBookings', {})).bookings.length, 0);
});
