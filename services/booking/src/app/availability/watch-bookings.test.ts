import { fakeClock, onEachEngine, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { WatchInput, WatchNews } from '../booking-app.js';
import type { TestBookings } from '../bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, openBookings, openStore, operator, user } from '../bookings.fixture.js';

const FROM_MS = Date.UTC(2026, 0, 10);
const UNTIL_MS = FROM_MS + 3 * DAY_MS;
const BLOCKS: WatchInput = {
  availability: {
    cluster: 'default',
    range: { start: { atMs: FROM_MS }, end: { atMs: UNTIL_MS }, zone: '', path: 'range' },
    grid: { grain: 'day', anchor: 'start', clip: false },
    amounts: [],
    templates: [],
    levels: false,
  },
  noticesOf: [],
};

const ROOT = {
  name: 'other',
  parent: '',
  description: '',
  owner: '',
  kind: '',
  units: {},
  zone: '',
  parts: [],
  amounts: {},
  range: undefined,
  labels: {},
  whenFull: 'refuse',
} as const;

/** Lets a booking of ann's wait for a day of a cluster, and makes room for it; the text of the notice that tells it. */
async function promotionIn({ uses }: TestBookings, cluster: string, startMs: number): Promise<string> {
  await uses.createGrant({ ...grantOf(1, startMs, startMs + DAY_MS), cluster }, operator());
  const { spans, ...booking } = bookingOf(1, startMs, startMs + DAY_MS);
  const there = { ...booking, spans: spans.map((span) => ({ ...span, cluster })) };
  const first = await uses.createBooking({ booking: there, force: false }, user('bob'));
  const waiting = await uses.createBooking({ booking: { ...there, whenFull: 'wait' }, force: false }, user('ann'));
  await uses.cancelBooking({ id: first.booking.id, etag: '', reason: '', scope: 'one' }, user('bob'));
  return `PROMOTED ann ${waiting.booking.id}`;
}

/** What a watcher is told, as texts: the worst of each block that changed, and notices. */
function watching(t: ExecutionContext, { uses }: TestBookings, input: WatchInput): string[] {
  const told: string[] = [];
  const over = new AbortController();
  const run = async (): Promise<void> => {
    for await (const news of uses.watch(input, over.signal)) told.push(textOf(news));
  };
  const running = run();
  t.teardown(async () => {
    over.abort();
    await running;
  });
  return told;
}

function textOf(news: WatchNews): string {
  if ('notice' in news) return `${news.notice.kind} ${news.booking.owner} ${news.booking.id}`;
  const { blocks } = news.answer.availability;
  return news.changed
    .map((at) => `${String(at)}:${String((blocks[at]?.firm.amounts[0]?.worst ?? 0) / 10_000)}`)
    .join(' ');
}

onEachEngine(test, (engine, title) => {
  test(title('all blocks come first, then those that change, also through another replica'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const [a, b] = [await openBookings(t, store, { clock }), await openBookings(t, store, { clock })];
    await a.uses.createGrant(grantOf(5, FROM_MS, UNTIL_MS), operator());
    const told = watching(t, b, BLOCKS);
    const has = (text: string): Promise<unknown> =>
      until(
        () => {
          if (told.includes(text)) return true;
          clock.advance(300);
          return false;
        },
        { what: `${text} (${told.join('; ')})` },
      );
    await has('0:5 1:5 2:5');
    const booking = bookingOf(2, FROM_MS + DAY_MS, FROM_MS + 2 * DAY_MS);
    await a.uses.createBooking({ booking, force: false }, user('ann'));
    await has('1:3');
    await b.uses.createBooking({ booking, force: false }, user('ann'));
    await has('1:1');
    t.deepEqual(told, ['0:5 1:5 2:5', '1:3', '1:1']);
  });

  test(title('notices come to their owners, and earlier ones again on request'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    await a.uses.createGrant(grantOf(1, FROM_MS, UNTIL_MS), operator());
    const [ann, all] = [watching(t, a, { noticesOf: ['ann'] }), watching(t, a, { noticesOf: ['*'] })];
    const first = await a.uses.createBooking({ booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false }, user('bob'));
    const waiting = bookingOf(1, FROM_MS, UNTIL_MS, { whenFull: 'wait' });
    const { booking } = await a.uses.createBooking({ booking: waiting, force: false }, user('ann'));
    t.is(booking.state, 'PROVISIONAL');
    await a.uses.cancelBooking({ id: first.booking.id, etag: '', reason: '', scope: 'one' }, user('bob'));
    const notice = `PROMOTED ann ${booking.id}`;
    await until(() => ann.includes(notice) && all.includes(notice), { what: 'the notice' });
    t.deepEqual(ann, [notice]);
    const again = watching(t, a, { noticesOf: ['ann'], fromRevision: 0 });
    await until(() => again.length > 0, { what: 'the notice again' });
    t.deepEqual(again, [notice]);
  });

  test(title('from a time on, notices of all roots are told again, and none that is older'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    await a.uses.createCluster(ROOT, operator());
    const notices: string[] = [];
    const times: number[] = [];
    for (const [day, cluster] of ['default', ROOT.name, 'default'].entries()) {
      clock.advance(1000);
      times.push(clock.now());
      notices.push(await promotionIn(a, cluster, FROM_MS + day * DAY_MS));
    }
    const told = times.map((fromMs) => watching(t, a, { noticesOf: ['ann'], fromMs }));
    await until(() => told.every((texts, i) => texts.length >= times.length - i), { what: 'the notices again' });
    t.deepEqual(
      told.map((texts) => texts.sort()),
      times.map((_, i) => notices.slice(i).sort()),
    );
  });
});
