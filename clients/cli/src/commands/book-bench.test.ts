import { type Berth, BookingState, connect, NoticeKind } from '@berth/client';
import { type Berthd, closedAfter, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth, type BerthProcess, startBerth } from '../berth-process.fixture.js';

const INVENTORY = `
pool:
  name: benches
  resources:
    resource1: { properties: { socket: '127.0.0.1:1' } }
    resource2: { attributes: [board] }
    resource3: { attributes: [board] }
    resource4: {}
    resource5: {}
    resource6: {}
    resource7: {}
`;
// Long enough for a process to start before its bench is booked, short enough for a test.
const LEASE = { bookingNoticeMs: 1000, openEndedMs: 1000 };

async function start(t: ExecutionContext, settings: Readonly<Record<string, object>> = {}): Promise<Berthd> {
  const berthd = await startBerthd({
    inventory: INVENTORY,
    settings: { roles: ['lease', 'booking'], lease: LEASE, ...settings },
  });
  t.teardown(() => berthd.stop());
  return berthd;
}

/** Books by the command line; the id. */
async function book(t: ExecutionContext, { address }: Berthd, user: string, ...args: string[]): Promise<string> {
  const booked = await berth(t, { address, user }, 'book', 'create', '-q', ...args);
  t.is(booked.code, 0, `berth book create ${args.join(' ')}: ${booked.stderr}`);
  return booked.stdout.trim();
}

function run(t: ExecutionContext, { address }: Berthd, user: string, ...args: string[]): BerthProcess {
  return startBerth(t, { address, user }, ['run', ...args]);
}

async function holds(client: Berth, bench: string, user: string): Promise<void> {
  const held = async () => (await client.inventory.getBench({ name: bench })).bench?.holder === user;
  await until(held, { what: `${user} to hold ${bench}` });
}

test('who comes too late before a booking waits, is told whose it is, and runs right after', async (t) => {
  const berthd = await start(t);
  const client = closedAfter(t, connect({ address: berthd.address }));
  const id = await book(t, berthd, 'ann', '--bench', 'resource1', '--from', '+2s', '--for', '12s');
  const read = async () => (await client.bookings.getBooking({ id })).booking;
  await until(async () => (await read())?.state === BookingState.ACTIVE, { what: 'it to begin' });
  const bob = run(t, berthd, 'bob', '--bench', 'resource1', '--', 'date', '+%s%3N');
  await bob.says(/booked by ann from \d\d:\d\d until \d\d:\d\d/);
  t.is(await bob.exited, 0, bob.stderr);
  const ended = await read();
  const lateMs = Number(bob.stdout) - (ended?.interval?.endTime?.getTime() ?? 0);
  t.true(lateMs >= 0, `it ran ${String(lateMs)} ms after the end`);
  t.is(ended?.state, BookingState.ENDED);
});

test('what is over before a booking begins goes first', async (t) => {
  const berthd = await start(t);
  await book(t, berthd, 'ann', '--bench', 'resource1', '--from', '+10m', '--for', '1s');
  const bob = run(t, berthd, 'bob', '--bench', 'resource1', '--max', '1m', '--', 'true');
  t.is(await bob.exited, 0, bob.stderr);
});

test('at its start a booking has its bench, which an open-ended holder was warned of and lost', async (t) => {
  const berthd = await start(t);
  const client = closedAfter(t, connect({ address: berthd.address }));
  const bob = run(t, berthd, 'bob', '--bench', 'resource4', '--', 'sleep', '60');
  await holds(client, 'resource4', 'bob');
  const id = await book(t, berthd, 'ann', '--bench', 'resource4', '--from', '+10s', '--for', '30s');
  await bob.says(/bench 'resource4' is booked by ann/);
  const ann = run(t, berthd, 'ann', '--booking', id, '--', 'env');
  t.is(await ann.exited, 0, ann.stderr);
  t.regex(ann.stdout, /^BERTH_BENCH=resource4$/m);
  t.is(await bob.exited, 143, bob.stderr);
  const used = async () => (await client.bookings.getBooking({ id })).booking?.useTime !== undefined;
  await until(used, { what: 'the booking to count as used' });
});

test('a start within what a lease was promised is refused, and so is an extension over a start', async (t) => {
  const berthd = await start(t);
  const client = closedAfter(t, connect({ address: berthd.address, user: 'bob' }));
  const lease = await client.acquire({ bench: 'resource5', hold: 'manual', maxDuration: '10m' });
  const { address } = berthd;
  const early = await berth(
    t,
    { address, user: 'ann' },
    'book',
    'create',
    '--bench',
    'resource5',
    '--from',
    '+5m',
    '--for',
    '1s',
  );
  t.is(early.code, 75);
  t.regex(early.stderr, /BENCH_HELD/);
  await book(t, berthd, 'ann', '--bench', 'resource5', '--from', '+20m', '--for', '1s');
  const extended = await berth(t, { address, user: 'bob' }, 'extend', 'resource5', '1h');
  t.is(extended.code, 75);
  t.regex(extended.stderr, /BENCH_BOOKED/);
  await lease.release();
  const { bookings } = await client.bookings.listBookings({ owner: 'ann' });
  t.is(bookings.length, 1, 'the refused one is over');
});

test('benches that are booked by what they must be are different ones, and a third one there is not', async (t) => {
  const berthd = await start(t);
  const client = closedAfter(t, connect({ address: berthd.address }));
  const when = ['--from', '+1h', '--for', '1h'];
  const ids = [
    await book(t, berthd, 'ann', '--attr', 'board', ...when),
    await book(t, berthd, 'bob', '--attr', 'board', ...when),
  ];
  const answers = await Promise.all(ids.map((id) => client.bookings.getBooking({ id })));
  const assigned = answers.flatMap(({ booking }) => booking?.spans.flatMap(({ benches }) => benches?.assigned ?? []));
  t.deepEqual(assigned.sort(), ['resource2', 'resource3']);
  const third = await berth(t, { address: berthd.address }, 'book', 'create', '--attr', 'board', ...when);
  t.is(third.code, 75, third.stderr);
  t.regex(third.stderr, /NO_CAPACITY/);
});

test('a booking by requirement moves when its bench goes into maintenance, and its owner is told', async (t) => {
  const berthd = await start(t, { booking: { compareMs: 1000 } });
  const { address } = berthd;
  const client = closedAfter(t, connect({ address, user: 'ann' }));
  const id = await book(t, berthd, 'ann', '--attr', 'board', '--from', '+5m', '--for', '1h');
  const assigned = async () => (await client.bookings.getBooking({ id })).booking?.spans[0]?.benches?.assigned[0];
  const [first, other] = (await assigned()) === 'resource2' ? ['resource2', 'resource3'] : ['resource3', 'resource2'];
  t.is(await assigned(), first);
  const args = ['maintenance', 'on', first, '--reason', 'new relay', '--role', 'operator'];
  const maintenance = await berth(t, { address, user: 'olga' }, ...args);
  t.is(maintenance.code, 0, maintenance.stderr);
  // It may have been told by now.
  for await (const { notice } of client.bookings.watch({ noticesOf: ['ann'], fromTime: new Date(0) })) {
    if (notice?.kind !== NoticeKind.MOVED) continue;
    t.is(notice.booking?.id, id);
    t.regex(notice.text, new RegExp(other));
    break;
  }
  t.is(await assigned(), other);
});

test('a booking that is cancelled gives its bench back, and one that nobody uses is released', async (t) => {
  const berthd = await start(t);
  const client = closedAfter(t, connect({ address: berthd.address }));
  const cancelled = await book(t, berthd, 'ann', '--bench', 'resource6', '--from', 'now', '--for', '1h');
  const bob = run(t, berthd, 'bob', '--bench', 'resource6', '--', 'true');
  await bob.says(/booked by ann/);
  t.is((await berth(t, { address: berthd.address, user: 'ann' }, 'book', 'cancel', cancelled)).code, 0);
  t.is(await bob.exited, 0, bob.stderr);
  const unused = await book(
    t,
    berthd,
    'ann',
    '--bench',
    'resource6',
    '--from',
    '+1s',
    '--for',
    '1h',
    '--release-after',
    '2s',
  );
  const stateOf = async () => (await client.bookings.getBooking({ id: unused })).booking?.state;
  await until(async () => (await stateOf()) === BookingState.RELEASED, { what: 'it to be released' });
  const carol = run(t, berthd, 'carol', '--bench', 'resource6', '--', 'true');
  t.is(await carol.exited, 0, carol.stderr);
});
