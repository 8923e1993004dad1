import test from 'ava';
import type { BookingServer } from './booking-server.fixture.js';
import { at, days, on, startBooking } from './booking-server.fixture.js';

const JUNE = days('2026-06-01', '2026-06-30');
const CORES = { amounts: { cores: 1 }, range: JUNE };
const WEEKLY = { amounts: { cores: 1 }, range: { start: at('2026-06-01T09:00Z'), end: at('2026-06-01T10:00Z') } };

/** Ten cores in 2026, two templates, a child of 5 cores in June. */
async function serve(t: Parameters<typeof startBooking>[0]): Promise<BookingServer> {
  const server = await startBooking(t);
  const { capacity } = server;
  await capacity.call('createGrant', { grant: { amounts: { cores: 10 }, range: days('2026-01-01', '2026-12-31') } });
  await capacity.call('createTemplate', { template: { name: 'small', amounts: { cores: 1 } } });
  await capacity.call('createTemplate', { template: { name: 'old', amounts: { cores: 1 } } });
  await capacity.call('hideTemplate', { name: 'old' });
  await capacity.call('createCluster', { cluster: { name: 'default/spark', amounts: { cores: 5 }, range: JUNE } });
  return server;
}

type Client = 'bookings' | 'capacity';
type Case = readonly [
  what: string,
  client: Client,
  method: string,
  request: object,
  reason: string,
  field: RegExp,
  caller?: string,
];

const book = (span: object, more: object = {}): object => ({ booking: { spans: [span], ...more } });
const repeat = (rule: string, span: object = WEEKLY, more: object = {}): object => ({
  ...book(span),
  recurrence: { rule, ...more },
});
const RANGE = 'INVALID_RANGE';
const FIELD = 'INVALID_FIELD';
const SERIES = 'INVALID_SERIES';

const CASES: readonly Case[] = [
  ['end before start', 'bookings', 'createBooking', book({ ...CORES, range: days('2026-06-02', '2026-05-30') }), RANGE, /^booking\.spans\[0\]\.range/],
  ['end at start', 'bookings', 'createBooking', book({ ...CORES, range: { start: at('2026-06-02T00:00Z'), end: at('2026-06-02T00:00Z') } }), RANGE, /^booking\.spans\[0\]\.range/],
  ['a date that is none', 'bookings', 'createBooking', book({ ...CORES, range: days('2026-02-30', '2026-03-30') }), RANGE, /^booking\.spans\[0\]\.range\.start: .*2026-02-30/],
  ['no date at all', 'bookings', 'createBooking', book({ ...CORES, range: days('tomorrow', '2026-03-30') }), RANGE, /^booking\.spans\[0\]\.range\.start: /],
  ['no range', 'bookings', 'createBooking', book({ amounts: { cores: 1 } }), FIELD, /^booking\.spans\[0\]\.range: is required/],
  ['an unknown zone', 'bookings', 'createBooking', book({ ...CORES, range: days('2026-06-01', '2026-06-02', 'Europe/Londn') }), 'UNKNOWN_TIME_ZONE', /^booking\.spans\[0\]\.range\.time_zone: .*did you mean 'Europe\/London'/],
  ['an unknown amount', 'bookings', 'createBooking', book({ ...CORES, amounts: { coers: 1 } }), 'UNKNOWN_AMOUNT', /^booking\.spans\[0\]\.amounts.*coers.*did you mean 'cores'/],
  ['a negative amount', 'bookings', 'createBooking', book({ ...CORES, amounts: { cores: -1 } }), FIELD, /^booking\.spans\[0\]\.amounts\["cores"\]: is -1/],
  ['an amount beyond all', 'bookings', 'createBooking', book({ ...CORES, amounts: { cores: 1e12 } }), FIELD, /^booking\.spans\[0\]\.amounts\["cores"\]: is 1000000000000/],
  ['nothing', 'bookings', 'createBooking', book({ range: JUNE, share: 0 }), FIELD, /^booking\.spans\[0\]: says nothing/],
  ['amounts of nothing', 'bookings', 'createBooking', book({ range: JUNE, amounts: { cores: 0 } }), FIELD, /^booking\.spans\[0\]\.amounts: is required/],
  ['a share over 100 %', 'bookings', 'createBooking', book({ range: JUNE, share: 10_001 }), FIELD, /^booking\.spans\[0\]\.share: is 10001/],
  ['a negative share', 'bookings', 'createBooking', book({ range: JUNE, share: -5 }), FIELD, /^booking\.spans\[0\]\.share: is -5/],
  ['template and amounts', 'bookings', 'createBooking', book({ ...CORES, template: 'small' }), FIELD, /^booking\.spans\[0\]: has amounts and template/],
  ['an unknown template', 'bookings', 'createBooking', book({ range: JUNE, template: 'smal' }), 'NO_SUCH_TEMPLATE', /^booking\.spans\[0\]\.template: .*smal/],
  ['an unknown version', 'bookings', 'createBooking', book({ range: JUNE, template: 'small', templateVersion: 7 }), 'NO_SUCH_TEMPLATE', /^booking\.spans\[0\]\.template/],
  ['a hidden template', 'bookings', 'createBooking', book({ range: JUNE, template: 'old' }), 'NO_SUCH_TEMPLATE', /^booking\.spans\[0\]\.template/],
  ['an unknown cluster', 'bookings', 'createBooking', book({ ...CORES, cluster: 'defualt' }), 'NO_SUCH_CLUSTER', /^booking\.spans\[0\]\.cluster/],
  ['a cluster that is no path', 'bookings', 'createBooking', book({ ...CORES, cluster: 'a b' }), FIELD, /^booking\.spans\[0\]\.cluster: is "a b"/],
  ['a start in the past', 'bookings', 'createBooking', book({ ...CORES, range: days('2025-12-01', '2026-01-30') }), 'START_IN_PAST', /^booking\.spans\[0\]\.range\.start/, 'bob/user'],
  ['no spans', 'bookings', 'createBooking', { booking: {} }, FIELD, /^booking\.spans: is empty/],
  ['no booking', 'bookings', 'createBooking', {}, FIELD, /^booking: is missing/],
  ['a priority beyond', 'bookings', 'createBooking', book(CORES, { priority: 101 }), FIELD, /^booking\.priority: is 101/],
  ['benches neither by name nor by requirement', 'bookings', 'createBooking', book({ range: JUNE, benches: {} }), FIELD, /^booking\.spans\[0\]\.benches: needs either/],
  ['more benches than a request has', 'bookings', 'createBooking', book({ range: JUNE, benches: { requirements: [{ attributes: ['a'], count: 17 }] } }), FIELD, /^booking\.spans\[0\]\.benches/],
  ['a hold of two days', 'bookings', 'createHold', { ...book(CORES), ttl: { seconds: 172_800, nanos: 0 } }, FIELD, /^ttl: /],
  ['an endless series', 'bookings', 'createSeries', repeat('FREQ=WEEKLY'), SERIES, /^recurrence\.rule/],
  ['more than 1,000 occurrences', 'bookings', 'createSeries', repeat('FREQ=HOURLY;COUNT=1001', { ...WEEKLY, range: { start: at('2026-06-01T09:00Z'), end: at('2026-06-01T09:30Z') } }), SERIES, /^recurrence\.rule/],
  ['COUNT with UNTIL', 'bookings', 'createSeries', repeat('FREQ=WEEKLY;COUNT=3;UNTIL=20260701T000000Z'), SERIES, /^recurrence\.rule/],
  ['a start that is no occurrence', 'bookings', 'createSeries', repeat('FREQ=WEEKLY;BYDAY=TU;COUNT=3'), SERIES, /^recurrence\.rule/],
  ['a rule that never comes', 'bookings', 'createSeries', repeat('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3'), SERIES, /^recurrence\.rule/],
  ['a rule that is none', 'bookings', 'createSeries', repeat('EVERY MONDAY'), SERIES, /^recurrence\.rule/],
  ['occurrences that overlap each other', 'bookings', 'createSeries', repeat('FREQ=DAILY;COUNT=3', { ...CORES, range: days('2026-06-01', '2026-06-02') }), SERIES, /^recurrence/],
  ['no rule', 'bookings', 'createSeries', { ...book(WEEKLY), recurrence: {} }, SERIES, /^recurrence\.rule: is required/],
  ['a series of two spans', 'bookings', 'createSeries', { booking: { spans: [WEEKLY, WEEKLY] }, recurrence: { rule: 'FREQ=WEEKLY;COUNT=2' } }, FIELD, /^booking\.spans: has 2 spans/],
  ['a million blocks', 'bookings', 'getAvailability', { range: days('2026-01-01', '2027-12-31'), calendar: { grain: 1 } }, 'TOO_MANY_BLOCKS', /^range|^calendar/],
  ['a grain that is none', 'bookings', 'getAvailability', { range: JUNE, calendar: { grain: 9 } }, FIELD, /^calendar\.grain: is 9/],
  ['an unknown template to fit', 'bookings', 'getAvailability', { range: JUNE, templates: ['huge'] }, 'NO_SUCH_TEMPLATE', /^templates\[0\]/],
  ['a template to fit that is no name', 'bookings', 'getAvailability', { range: JUNE, templates: ['small@'] }, FIELD, /^templates\[0\]/],
  ['fits without a duration', 'bookings', 'findFits', { ...book({ amounts: { cores: 1 } }), window: JUNE }, FIELD, /^duration: is required/],
  ['a watch of nothing', 'bookings', 'listBookings', { states: [99] }, FIELD, /^states\[0\]: is 99/],
  ['a ninth level', 'capacity', 'createCluster', { cluster: { name: `default${'/a'.repeat(9)}`, amounts: { cores: 1 }, range: JUNE } }, 'CLUSTER_TOO_DEEP', /^cluster/],
  ['a child that ends after its parent', 'capacity', 'createCluster', { cluster: { name: 'default/spark/late', amounts: { cores: 1 }, range: days('2026-06-01', '2026-07-01') } }, RANGE, /^cluster\.range/],
  ['amounts and parts', 'capacity', 'createCluster', { cluster: { name: 'default/k', amounts: { cores: 1 }, parts: [{ role: 'w', template: 'small', count: 1 }], range: JUNE } }, FIELD, /^cluster: has amounts and parts/],
  ['a root cluster with a size', 'capacity', 'createCluster', { cluster: { name: 'quota', amounts: { cores: 1 } } }, FIELD, /^cluster\.amounts: is of no use/],
  ['a cluster like that of a lab', 'capacity', 'createCluster', { cluster: { name: 'lab/x' } }, FIELD, /^cluster\.name/],
  ['a zone of a cluster that is none', 'capacity', 'createCluster', { cluster: { name: 'quota', timeZone: 'Mars/Phobos' } }, 'UNKNOWN_TIME_ZONE', /^cluster\.time_zone/],
  ['a grant of nothing', 'capacity', 'createGrant', { grant: { range: JUNE } }, FIELD, /^grant\.amounts: is required/],
  ['a grant to a child', 'capacity', 'createGrant', { grant: { cluster: 'default/spark', amounts: { cores: 1 }, range: JUNE } }, FIELD, /^grant\.cluster/],
  ['a grant of benches', 'capacity', 'createGrant', { grant: { cluster: 'lab/default', amounts: { b1: 1 }, range: JUNE } }, FIELD, /^grant\.cluster/],
  ['an update of nothing', 'capacity', 'updateGrant', { grant: { id: 'gr-1' } }, FIELD, /^update_mask: is empty/],
  ['an update of an unknown field', 'capacity', 'updateCluster', { cluster: { name: 'default/spark' }, updateMask: ['descripton'] }, FIELD, /^update_mask\.paths\[0\]: .*did you mean 'description'/],
  ['a template without amounts', 'capacity', 'createTemplate', { template: { name: 'none' } }, FIELD, /^template\.amounts: is required/],
  ['a template that is no name', 'capacity', 'createTemplate', { template: { name: 'a/b', amounts: { cores: 1 } } }, FIELD, /^template\.name/],
];

/** All that is stored, as callers see it. */
async function stored({ berth }: BookingServer): Promise<unknown> {
  const [{ bookings }, { clusters }, { grants }, { templates }] = await Promise.all([
    berth.bookings.listBookings({}),
    berth.capacity.listClusters({}),
    berth.capacity.listGrants({}),
    berth.capacity.listTemplates({ showHidden: true }),
  ]);
  return { bookings, clusters, grants, templates };
}

test('wrong input is refused with a reason and the place of the fault, and nothing is stored', async (t) => {
  const server = await serve(t);
  const before = await stored(server);
  for (const [what, client, method, request, reason, field, caller] of CASES) {
    const refusal = await server[client].refusal(method as never, request as never, caller);
    t.is(refusal.reason, reason, `${what}: ${refusal.text}`);
    t.true(
      refusal.fields.some((one) => field.test(one)),
      `${what}: ${JSON.stringify(refusal.fields)} (${refusal.text})`,
    );
  }
  t.deepEqual(await stored(server), before);
});

test('all faults of a request are told at once', async (t) => {
  const { bookings } = await serve(t);
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
  const { bookings, clock } = await serve(t);
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
  t.is((await bookings.refusal('createBooking', { ...book(CORES), force: true }, 'eve/user')).reason, 'PERMISSION_DENIED');
});

test('users are limited, and may grant nothing', async (t) => {
  const { bookings, capacity } = await serve(t);
  const long = book({ amounts: { cores: 1 }, range: days('2026-06-01', '2027-12-31') });
  t.like(await bookings.refusal('createBooking', long, 'bob/user'), { reason: 'BOOKING_LIMIT', code: 'RESOURCE_EXHAUSTED' });
  const grant = { grant: { amounts: { cores: 1 }, range: JUNE } };
  t.is((await capacity.refusal('createGrant', grant, 'bob/user')).reason, 'PERMISSION_DENIED');
  t.is((await capacity.refusal('createCluster', { cluster: { name: 'quota' } }, 'bob/user')).reason, 'PERMISSION_DENIED');
});
