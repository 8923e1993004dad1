import test from 'ava';
import { at, days, on } from './booking-server.fixture.js';
import type { WrongInput } from './wrong-input.fixture.js';
import { book, bookable, CORES, JUNE, refuseAll } from './wrong-input.fixture.js';

const RANGE = 'INVALID_RANGE';
const FIELD = 'INVALID_FIELD';

const CASES: readonly WrongInput[] = [
  [
    'end before start',
    'bookings',
    'createBooking',
    book({ ...CORES, range: days('2026-06-02', '2026-05-30') }),
    RANGE,
    /^booking\.spans\[0\]\.range/,
  ],
  [
    'end at start',
    'bookings',
    'createBooking',
    book({ ...CORES, range: { start: at('2026-06-02T00:00Z'), end: at('2026-06-02T00:00Z') } }),
    RANGE,
    /^booking\.spans\[0\]\.range/,
  ],
  [
    'a date that is none',
    'bookings',
    'createBooking',
    book({ ...CORES, range: days('2026-02-30', '2026-03-30') }),
    RANGE,
    /^booking\.spans\[0\]\.range\.start: .*2026-02-30/,
  ],
  [
    'no date at all',
    'bookings',
    'createBooking',
    book({ ...CORES, range: days('tomorrow', '2026-03-30') }),
    RANGE,
    /^booking\.spans\[0\]\.range\.start: /,
  ],
  [
    'no range',
    'bookings',
    'createBooking',
    book({ amounts: { cores: 1 } }),
    FIELD,
    /^booking\.spans\[0\]\.range: is required/,
  ],
  [
    'an unknown zone',
    'bookings',
    'createBooking',
    book({ ...CORES, range: days('2026-06-01', '2026-06-02', 'Europe/Londn') }),
    'UNKNOWN_TIME_ZONE',
    /^booking\.spans\[0\]\.range\.time_zone: .*did you mean 'Europe\/London'/,
  ],
  [
    'an unknown amount',
    'bookings',
    'createBooking',
    book({ ...CORES, amounts: { coress: 1 } }),
    'UNKNOWN_AMOUNT',
    /^booking\.spans\[0\]\.amounts.*coress.*did you mean 'cores'/,
  ],
  [
    'a negative amount',
    'bookings',
    'createBooking',
    book({ ...CORES, amounts: { cores: -1 } }),
    FIELD,
    /^booking\.spans\[0\]\.amounts\["cores"\]: is -1/,
  ],
  [
    'an amount beyond all',
    'bookings',
    'createBooking',
    book({ ...CORES, amounts: { cores: 1e12 } }),
    FIELD,
    /^booking\.spans\[0\]\.amounts\["cores"\]: is 1000000000000/,
  ],
  [
    'nothing',
    'bookings',
    'createBooking',
    book({ range: JUNE, share: 0 }),
    FIELD,
    /^booking\.spans\[0\]: says nothing/,
  ],
  [
    'amounts of nothing',
    'bookings',
    'createBooking',
    book({ range: JUNE, amounts: { cores: 0 } }),
    FIELD,
    /^booking\.spans\[0\]\.amounts: is required/,
  ],
  [
    'a share over 100 %',
    'bookings',
    'createBooking',
    book({ range: JUNE, share: 10_001 }),
    FIELD,
    /^booking\.spans\[0\]\.share: is 10001/,
  ],
  [
    'a negative share',
    'bookings',
    'createBooking',
    book({ range: JUNE, share: -5 }),
    FIELD,
    /^booking\.spans\[0\]\.share: is -5/,
  ],
  [
    'template and amounts',
    'bookings',
    'createBooking',
    book({ ...CORES, template: 'small' }),
    FIELD,
    /^booking\.spans\[0\]: has amounts and template/,
  ],
  [
    'an unknown template',
    'bookings',
    'createBooking',
    book({ range: JUNE, template: 'smal' }),
    'NO_SUCH_TEMPLATE',
    /^booking\.spans\[0\]\.template: .*smal/,
  ],
  [
    'an unknown version',
    'bookings',
    'createBooking',
    book({ range: JUNE, template: 'small', templateVersion: 7 }),
    'NO_SUCH_TEMPLATE',
    /^booking\.spans\[0\]\.template/,
  ],
  [
    'a hidden template',
    'bookings',
    'createBooking',
    book({ range: JUNE, template: 'old' }),
    'NO_SUCH_TEMPLATE',
    /^booking\.spans\[0\]\.template/,
  ],
  [
    'an unknown cluster',
    'bookings',
    'createBooking',
    book({ ...CORES, cluster: 'defualt' }),
    'NO_SUCH_CLUSTER',
    /^booking\.spans\[0\]\.cluster/,
  ],
  [
    'a cluster that is no path',
    'bookings',
    'createBooking',
    book({ ...CORES, cluster: 'a b' }),
    FIELD,
    /^booking\.spans\[0\]\.cluster: is "a b"/,
  ],
  [
    'a start in the past',
    'bookings',
    'createBooking',
    book({ ...CORES, range: days('2025-12-01', '2026-01-30') }),
    'START_IN_PAST',
    /^booking\.spans\[0\]\.range\.start/,
    'bob/user',
  ],
  ['no spans', 'bookings', 'createBooking', { booking: {} }, FIELD, /^booking\.spans: is empty/],
  ['no booking', 'bookings', 'createBooking', {}, FIELD, /^booking: is missing/],
  [
    'a priority beyond',
    'bookings',
    'createBooking',
    book(CORES, { priority: 101 }),
    FIELD,
    /^booking\.priority: is 101/,
  ],
  [
    'benches neither by name nor by requirement',
    'bookings',
    'createBooking',
    book({ range: JUNE, benches: {} }),
    FIELD,
    /^booking\.spans\[0\]\.benches: needs either/,
  ],
  [
    'more benches than a request has',
    'bookings',
    'createBooking',
    book({ range: JUNE, benches: { requirements: [{ attributes: ['a'], count: 17 }] } }),
    FIELD,
    /^booking\.spans\[0\]\.benches/,
  ],
  [
    'a hold of two days',
    'bookings',
    'createHold',
    { ...book(CORES), ttl: { seconds: 172_800, nanos: 0 } },
    FIELD,
    /^ttl: /,
  ],
];

test('a wrong booking is refused with a reason and the place of the fault, and nothing is stored', async (t) => {
  await refuseAll(t, CASES);
});

test('all faults of a request are told at once', async (t) => {
  const { bookings } = await bookable(t);
  const spans = [{ amounts: { cores: -1 }, range: { start: on('2026-06-01') } }, { range: JUNE }];
  const { fields } = await bookings.refusal('createBooking', { booking: { spans, priority: -1 } });
  t.deepEqual(fields.map((field) => field.replace(/: .*/, '')).sort(), [
    'booking.priority',
    'booking.spans[0].amounts["cores"]',
    'booking.spans[0].range.end',
    'booking.spans[1]',
  ]);
});

test('a booking that has begun keeps its start, a stale etag changes nothing, and others keep their hands off', async (t) => {
  const { bookings, clock } = await bookable(t);
  const range = { start: at('2026-01-02T00:00Z'), end: at('2026-01-04T00:00Z') };
  const { booking } = await bookings.call('createBooking', book({ amounts: { cores: 1 }, range }), 'bob/user');
  const { id = '', etag = '', spans = [] } = booking ?? {};
  clock.advance(36 * 3_600_000);
  const moved = (start: string) => ({
    booking: { id, spans: [{ amounts: { cores: 1 }, range: { ...range, start: at(start) } }] },
    updateMask: ['spans'],
  });
  const fixed = await bookings.refusal('updateBooking', moved('2026-01-03T00:00Z'), 'bob/user');
  t.like(fixed, { reason: 'START_FIXED', code: 'FAILED_PRECONDITION' });
  const longer = { id, spans: spans.map((span) => ({ ...span, range: { ...range, end: at('2026-01-05T00:00Z') } })) };
  t.is((await bookings.call('updateBooking', { booking: longer, updateMask: ['spans'] }, 'bob/user')).changed, 1);
  const stale = { booking: { id, etag, description: 'late' }, updateMask: ['description'] };
  t.like(await bookings.refusal('updateBooking', stale, 'bob/user'), { reason: 'STALE_ETAG', code: 'ABORTED' });
  t.is((await bookings.refusal('cancelBooking', { id }, 'eve/user')).reason, 'PERMISSION_DENIED');
  t.is((await bookings.refusal('createBooking', book(CORES), 'eve/viewer')).reason, 'PERMISSION_DENIED');
  t.is(
    (await bookings.refusal('createBooking', { ...book(CORES), force: true }, 'eve/user')).reason,
    'PERMISSION_DENIED',
  );
});
