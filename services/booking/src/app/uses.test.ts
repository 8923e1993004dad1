import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { SpanInput } from './inputs.js';
import type { TestBookings } from './bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, HOUR_MS, openBookings, openStore, operator, user } from './bookings.fixture.js';

const FROM_MS = Date.UTC(2026, 2, 2);
const UNTIL_MS = FROM_MS + 60 * DAY_MS;

async function open(t: ExecutionContext, cores = 10): Promise<TestBookings> {
  const bookings = await openBookings(t, await openStore(t, 'sqlite'));
  await bookings.uses.createGrant(grantOf(cores, FROM_MS, UNTIL_MS), operator());
  return bookings;
}

function refusal(t: ExecutionContext, call: Promise<unknown>): Promise<BerthError> {
  return t.throwsAsync(call, { instanceOf: BerthError });
}

/** A span of the default cluster by dates, in a zone; empty = the cluster's. */
function byDate(start: string, end: string, zone = ''): SpanInput {
  const path = 'booking.spans[0]';
  const range = { start: { date: start }, end: { date: end }, zone, path: `${path}.range` };
  return { cluster: '', range, take: { kind: 'amounts', amounts: { cores: 1 } }, path };
}

test('dates are of the zone of the cluster as it is now, or of the one that is given', async (t) => {
  const { uses } = await open(t);
  const base = bookingOf(1, FROM_MS, UNTIL_MS);
  const made = await uses.createBooking(
    { booking: { ...base, spans: [byDate('2026-03-10', '2026-03-10')] }, force: false },
    user('ann'),
  );
  t.like(made.booking.spans[0], { startMs: Date.UTC(2026, 2, 10), endMs: Date.UTC(2026, 2, 11) });
  await uses.updateCluster({ name: 'default', etag: '', patch: { zone: 'America/New_York' } }, operator());
  const there = await uses.createBooking(
    { booking: { ...base, spans: [byDate('2026-03-10', '2026-03-10')] }, force: false },
    user('ann'),
  );
  t.like(there.booking.spans[0], { startMs: Date.UTC(2026, 2, 10, 4), endMs: Date.UTC(2026, 2, 11, 4) });
  const london = { ...base, spans: [byDate('2026-03-29', '2026-03-29', 'Europe/London')] };
  const short = await uses.createBooking({ booking: london, force: false }, user('ann'));
  t.is((short.booking.spans[0]?.endMs ?? 0) - (short.booking.spans[0]?.startMs ?? 0), 23 * HOUR_MS);
  const bad = { ...base, spans: [byDate('2026-03-29', '2026-03-29', 'Europe/Londn')] };
  t.is((await refusal(t, uses.createBooking({ booking: bad, force: false }, user('ann')))).reason, 'UNKNOWN_TIME_ZONE');
});

test('a series is booked in wall-clock time, and moves in it', async (t) => {
  const { uses } = await open(t);
  const at = Date.UTC(2026, 2, 23, 9);
  const [span] = bookingOf(1, at, at + HOUR_MS).spans;
  if (span === undefined) throw new Error('there is no span');
  const london = { ...span, range: { ...span.range, zone: 'Europe/London' } };
  const booking = { ...bookingOf(1, at, at + HOUR_MS), spans: [london] };
  const recurrence = { rule: 'FREQ=WEEKLY;COUNT=3', excluded: [], added: [], gap: 'move' } as const;
  const { seriesId, bookings } = await uses.createSeries(
    { booking, recurrence, bestEffort: false, force: false },
    user('ann'),
  );
  t.not(seriesId, '');
  const starts = [at, Date.UTC(2026, 2, 30, 8), Date.UTC(2026, 3, 6, 8)];
  t.deepEqual(
    bookings.map(({ spans }) => spans[0]?.startMs),
    starts,
  );
  const [first] = bookings;
  const moved = [
    { ...london, range: { ...london.range, start: { atMs: at + HOUR_MS }, end: { atMs: at + 3 * HOUR_MS } } },
  ];
  const { changed } = await uses.updateBooking(
    { id: first?.id ?? '', etag: '', patch: { spans: moved }, scope: 'all', force: false },
    user('ann'),
  );
  t.is(changed, 3);
  const after = await Promise.all(bookings.map(({ id }) => uses.getBooking(id)));
  t.deepEqual(
    after.map(({ spans }) => [spans[0]?.startMs, spans[0]?.endMs]),
    starts.map((start) => [start + HOUR_MS, start + 3 * HOUR_MS]),
  );
  const { changed: cancelled } = await uses.cancelBooking(
    { id: bookings[1]?.id ?? '', etag: '', reason: '', scope: 'following' },
    user('ann'),
  );
  t.is(cancelled, 2);
  t.is((await uses.getBooking(first?.id ?? '')).state, 'BOOKED');
});

test('fits are found by amounts, and for shares by trying', async (t) => {
  const { uses } = await open(t, 10);
  const later = FROM_MS + 2 * DAY_MS;
  await uses.createBooking({ booking: bookingOf(8, FROM_MS, later), force: false }, user('ann'));
  const window = { start: { atMs: FROM_MS }, end: { atMs: UNTIL_MS }, zone: '', path: 'window' };
  const ask = { durationMs: DAY_MS, window, count: 1 };
  const small = await uses.findFits({ booking: bookingOf(2, FROM_MS, UNTIL_MS), ...ask }, user('bob'));
  t.is(small[0]?.startMs, FROM_MS);
  const large = await uses.findFits({ booking: bookingOf(3, FROM_MS, UNTIL_MS), ...ask }, user('bob'));
  t.is(large[0]?.startMs, later);
  const [span] = bookingOf(1, FROM_MS, UNTIL_MS).spans;
  if (span === undefined) throw new Error('there is no span');
  const half = {
    ...bookingOf(1, FROM_MS, UNTIL_MS),
    spans: [{ ...span, take: { kind: 'share', basisPoints: 5000 } as const }],
  };
  const shares = await uses.findFits({ booking: half, ...ask, count: 2 }, user('bob'));
  t.is(shares[0]?.startMs, later);
  const tooMuch = await uses.findFits({ booking: bookingOf(11, FROM_MS, UNTIL_MS), ...ask }, user('bob'));
  t.deepEqual(tooMuch, []);
});

test('a simulation answers as if things were there, and stores nothing', async (t) => {
  const { uses, context } = await open(t, 2);
  const range = { start: { atMs: FROM_MS }, end: { atMs: FROM_MS + DAY_MS }, zone: '', path: 'range' };
  const availability = {
    cluster: 'default',
    range,
    grid: { grain: 'day', anchor: 'start', clip: false } as const,
    amounts: [],
    templates: [],
    levels: false,
  };
  const there = await uses.createBooking({ booking: bookingOf(2, FROM_MS, UNTIL_MS), force: false }, user('ann'));
  const before = (await context.ledgers.read('default', 0, 100)).length;
  const bookings = [bookingOf(1, FROM_MS, UNTIL_MS), bookingOf(1, FROM_MS, UNTIL_MS, { whenFull: 'wait' })];
  const full = await uses.simulate({ grants: [], bookings, without: [], availability }, user('bob'));
  t.deepEqual(
    full.bookings.map(({ state }) => state),
    [undefined, 'PROVISIONAL'],
  );
  t.is(full.bookings[0]?.shortfall?.amount, 'cores');
  const without = await uses.simulate({ grants: [], bookings, without: [there.booking.id], availability }, user('bob'));
  t.deepEqual(
    without.bookings.map(({ state }) => state),
    ['BOOKED', 'BOOKED'],
  );
  t.is(without.availability?.availability.blocks[0]?.firm.amounts[0]?.worst, 0);
  const granted = await uses.simulate(
    { grants: [grantOf(1, FROM_MS, UNTIL_MS)], bookings: bookings.slice(0, 1), without: [], availability },
    user('bob'),
  );
  t.is(granted.bookings[0]?.state, 'BOOKED');
  t.is((await context.ledgers.read('default', 0, 100)).length, before);
  t.is((await uses.getBooking(there.booking.id)).state, 'BOOKED');
});

test('clusters, sizes, templates and shares go through their own root', async (t) => {
  const { uses } = await open(t, 10);
  const range = { start: { atMs: FROM_MS }, end: { atMs: UNTIL_MS }, zone: '', path: 'cluster.range' };
  const child = {
    name: 'default/spark',
    parent: 'default',
    description: '',
    owner: '',
    kind: 'spark',
    units: {},
    zone: '',
    parts: [{ role: 'worker', template: 'small', version: 0, count: 3 }],
    amounts: {},
    range,
    labels: {},
    whenFull: 'refuse',
  } as const;
  t.is((await refusal(t, uses.createCluster(child, operator()))).reason, 'NO_SUCH_TEMPLATE');
  await uses.createTemplate({ name: 'small', amounts: { cores: 2 }, description: '' }, operator());
  const cluster = await uses.createCluster(child, operator());
  t.deepEqual(cluster.sizes[0]?.amounts, { cores: 6 });
  t.deepEqual(await uses.clusterStates([cluster]), ['OPEN']);
  const sizes = await uses.listSizes({ name: 'default/spark' });
  t.deepEqual(
    sizes.map(({ amounts, startMs, endMs }) => [amounts, startMs, endMs]),
    [[{ cores: 6 }, FROM_MS, UNTIL_MS]],
  );
  const root = { ...child, name: 'os', parent: '', parts: [], range: undefined };
  t.is((await refusal(t, uses.createCluster(root, user('ann')))).reason, 'PERMISSION_DENIED');
  await uses.createCluster(root, operator());
  t.is((await uses.getCluster('os')).name, 'os');
  t.is((await refusal(t, uses.getCluster('osx'))).reason, 'NO_SUCH_CLUSTER');
  const names = await uses.listClusters({ parent: '', owner: '', closed: false }, { limit: 10, after: undefined });
  t.deepEqual(
    names.documents.map(({ name }) => name),
    ['default', 'default/spark', 'os'],
  );
});

test('a repeat is answered also when what it refers to is gone', async (t) => {
  const { uses } = await open(t, 10);
  await uses.createTemplate({ name: 'small', amounts: { cores: 2 }, description: '' }, operator());
  const base = bookingOf(1, FROM_MS, UNTIL_MS);
  const take = { kind: 'template', name: 'small', version: 0, count: 1 } as const;
  const booking = { ...base, spans: base.spans.map(({ take: _, ...span }) => ({ take, ...span })) };
  const made = await uses.createBooking({ booking, force: false }, user('ann', 'r1'));
  await uses.hideTemplate({ name: 'small', version: 0 }, operator());
  t.is((await refusal(t, uses.createBooking({ booking, force: false }, user('ann', 'r2')))).reason, 'NO_SUCH_TEMPLATE');
  t.deepEqual(await uses.createBooking({ booking, force: false }, user('ann', 'r1')), made);
});
