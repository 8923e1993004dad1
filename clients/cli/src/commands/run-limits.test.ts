import { connect } from '@berth/client';
import { type Berthd, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth, type BerthProcess, startBerth } from '../berth-process.fixture.js';

const INVENTORY = `
pool:
  name: benches
  resources:
    one: { attributes: [a] }
    two: { attributes: [a] }
    three: { attributes: [b] }
`;

const LIMITS = { roles: { user: { held: 1, waiting: 2, maxDurationMs: 3_600_000 } } };
const AS_USER = { BERTH_ROLE: 'user' };

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY, settings: { lease: { limits: LIMITS } } });
});
test.after.always(async () => {
  await berthd.stop();
});

function run(t: ExecutionContext, user: string, ...args: string[]): BerthProcess {
  return startBerth(t, { address: berthd.address, user, env: AS_USER }, ['run', ...args]);
}

async function waiting(): Promise<string[]> {
  await using client = connect({ address: berthd.address, role: 'user' });
  return (await client.lease.listQueue({})).requests.map(({ owner, description }) => `${owner} ${description}`);
}

test.serial(
  'the second `berth run` of a user who may hold one waits for the first, and nobody else does',
  async (t) => {
    const first = run(t, 'ann', '--attr', 'a', '--', 'sh', '-c', 'echo has $BERTH_BENCH >&2; exec sleep 600');
    await first.says(/has (one|two)/);
    const second = run(t, 'ann', '--attr', 'a', '--', 'sh', '-c', 'echo second has $BERTH_BENCH');
    await second.says(/ann holds 1 of the 1 that a limit allows/);
    const other = run(t, 'bob', '--attr', 'a', '--', 'sh', '-c', 'echo other has $BERTH_BENCH');
    t.is(await other.exited, 0, other.stderr);
    t.regex(other.stdout, /other has (one|two)/);
    t.notRegex(other.stderr, /waiting/);
    const queue = await berth(t, { address: berthd.address, env: AS_USER }, 'queue', '-o', 'json');
    t.regex(queue.stdout, /"reason": "QUOTA"/);
    t.regex(queue.stdout, /"heldLimit": \{\s+"owner": "ann",\s+"limit": 1,\s+"held": 1\s+\}/);
    t.is(second.stdout, '');
    first.child.kill('SIGTERM');
    t.is(await second.exited, 0, second.stderr);
    t.regex(second.stdout, /second has (one|two)/);
  },
);

test.serial(
  'of a user who may have two requests waiting the third is refused, with the code of try again later',
  async (t) => {
    const holder = run(t, 'cem', '--attr', 'b', '--', 'sh', '-c', 'echo has it >&2; exec sleep 600');
    await holder.says(/has it/);
    const waiters = [1, 2].map((i) => run(t, 'dan', '--attr', 'b', '--desc', String(i), '--', 'true'));
    await until(async () => (await waiting()).length === 2, { what: 'two requests of dan to wait' });
    const third = run(t, 'dan', '--attr', 'b', '--', 'true');
    t.is(await third.exited, 75, third.stderr);
    t.regex(third.stderr, /dan \(role 'user'\) may have 2 requests waiting, and has 2/);
    t.deepEqual((await waiting()).sort(), ['dan 1', 'dan 2']);
    holder.child.kill('SIGTERM');
    for (const waiter of waiters) t.is(await waiter.exited, 0, waiter.stderr);
  },
);

test.serial('a hold that is longer than the limit is refused, and without a time it gets the longest', async (t) => {
  const there = { address: berthd.address, user: 'eve', env: AS_USER };
  const tooLong = await berth(t, there, 'run', '--attr', 'a', '--max', '2h', '--', 'true');
  t.is(tooLong.code, 75, tooLong.stderr);
  t.regex(tooLong.stderr, /max_duration is 7200 s, but eve \(role 'user'\) may hold a bench for 3600 s at most/);
  await using client = connect({ address: berthd.address, user: 'eve', role: 'user' });
  const lease = await client.acquire({ attributes: ['a'], hold: 'manual' });
  const { lease: told } = await client.lease.getLease({ leaseId: lease.id });
  t.is((told?.endTime?.getTime() ?? 0) - (told?.grantTime?.getTime() ?? 0), 3_600_000);
  await lease.release();
});
