import { type Berth, type Change, connect, EndReason } from '@berth/client';
import { type Berthd, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { type BerthProcess, startBerth } from '../berth-process.fixture.js';

const INVENTORY = `
pool:
  name: benches
  resources:
    resource1: { properties: { socket: '127.0.0.1:1' } }
    resource2: {}
    resource3: {}
    resource4: {}
    resource5: {}
`;
// Long enough for a process to start before its bench is booked, short enough for a test.
const SETTINGS = { lease: { bookingNoticeMs: 1000, openEndedMs: 1000 } };

let berthd: Berthd;
let service: Berth;
test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY, settings: SETTINGS });
  service = connect({ address: berthd.address, user: 'booking' });
});
test.after.always(async () => {
  service.close();
  await berthd.stop();
});

function run(t: ExecutionContext, user: string, ...args: string[]): BerthProcess {
  return startBerth(t, { address: berthd.address, user }, ['run', ...args]);
}

/** Reserves a bench for ann, as the booking service does. */
async function reserve(id: string, bench: string, inMs: number, forMs: number): Promise<void> {
  const startTime = new Date(Date.now() + inMs);
  const endTime = new Date(startTime.getTime() + forMs);
  await service.lease.putReservation({
    reservation: { id, version: 1, benches: [bench], owners: ['ann'], startTime, endTime },
  });
}

async function holderOf(name: string): Promise<string> {
  return (await service.inventory.getBench({ name })).bench?.holder ?? '';
}

test('who comes too late before a booking waits, is told whose it is, and runs right after', async (t) => {
  await reserve('k1', 'resource1', 500, 8000);
  const bob = run(t, 'bob', '--bench', 'resource1', '--', 'date', '+%s%3N');
  await bob.says(/what is not held is booked \| resource1 {2}booked by ann from \d\d:\d\d until \d\d:\d\d/);
  const { reservations } = await service.lease.listReservations({ ids: ['k1'] });
  const endMs = reservations[0]?.endTime?.getTime() ?? Infinity;
  t.is(await bob.exited, 0, bob.stderr);
  t.true(Number(bob.stdout) >= endMs, `it ran ${String(Number(bob.stdout) - endMs)} ms after the end`);
});

test('what is over before a booking begins goes first', async (t) => {
  await reserve('k2', 'resource2', 15_000, 1000);
  const bob = run(t, 'bob', '--bench', 'resource2', '--max', '1s', '--', 'true');
  t.is(await bob.exited, 0, bob.stderr);
  t.notRegex(bob.stderr, /waiting/);
});

test('at its start a booking has the bench in the append in which an open-ended holder lost it, who was warned', async (t) => {
  // As the client gives up a little before a lease is over, the stream is read as it is.
  await using bob = connect({ address: berthd.address, user: 'bob' });
  const told: string[] = [];
  const holding = (async () => {
    for await (const { event } of bob.lease.acquire({ requirements: [{ bench: 'resource3' }] })) {
      if (event?.$case === 'warning') told.push(event.value.message);
      if (event?.$case === 'ended') told.push(`${EndReason[event.value.reason]}: ${event.value.message}`);
    }
  })();
  await until(async () => (await holderOf('resource3')) === 'bob', { what: 'bob to hold the bench' });
  await reserve('k3', 'resource3', 8000, 30_000);
  const end = new AbortController();
  const commits: string[][] = [];
  const watching = (async () => {
    for await (const { changes, snapshot } of service.watch({ signal: end.signal })) {
      if (!snapshot) commits.push(changes.map(changeText));
    }
  })().catch(() => undefined);
  const ann = run(t, 'ann', '--booking', 'k3', '--', 'env');
  t.is(await ann.exited, 0, ann.stderr);
  t.regex(ann.stdout, /^BERTH_BENCH=resource3$/m);
  await holding;
  t.regex(told[0] ?? '', /ends in \d s: bench 'resource3' is booked by ann/);
  t.regex(told.at(-1) ?? '', /^BOOKED: bench 'resource3' is booked by ann/);
  const start = commits.find((changes) => changes.includes('bob lost it: BOOKED'));
  t.true(start?.includes('ann has it'), JSON.stringify(commits));
  end.abort();
  await watching;
});

/** A change of a lease of the test above. */
function changeText({ kind }: Change): string {
  if (kind?.$case === 'leasePut') return `${kind.value.owner} has it`;
  if (kind?.$case !== 'leaseEnded') return kind?.$case ?? '';
  return `${kind.value.lease?.owner ?? ''} lost it: ${EndReason[kind.value.reason]}`;
}

test('Extend over the start of a booking is refused, and so is a booking within what a lease was promised', async (t) => {
  await using bob = connect({ address: berthd.address, user: 'bob' });
  const lease = await bob.acquire({ bench: 'resource4', hold: 'manual', maxDuration: '5s' });
  await t.throwsAsync(reserve('k4', 'resource4', 3000, 1000), { message: /whose lease was promised until/ });
  await reserve('k4', 'resource4', 20_000, 1000);
  const extended = bob.lease.extend({ leaseId: lease.id, duration: { seconds: 60, nanos: 0 } });
  await t.throwsAsync(extended, { message: /bench 'resource4' is booked by ann from .+ can be extended until / });
  await lease.release();
});

test('acquire --booking has the bench, and its lease bears the booking', async (t) => {
  await reserve('k5', 'resource5', 0, 60_000);
  const ann = startBerth(t, { address: berthd.address, user: 'ann' }, [
    'acquire',
    '--booking',
    'k5',
    '--manual',
    '-o',
    'json',
  ]);
  t.is(await ann.exited, 0, ann.stderr);
  const lease = JSON.parse(ann.stdout) as { id: string; booking: string; endTime: string };
  t.is(lease.booking, 'k5');
  const { reservations } = await service.lease.listReservations({ ids: ['k5'] });
  t.deepEqual(new Date(lease.endTime), reservations[0]?.endTime);
  await service.lease.deleteReservation({ id: 'k5', version: 2 });
  await until(async () => (await holderOf('resource5')) === '', { what: 'the lease to end with its booking' });
});
