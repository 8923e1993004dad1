import { fakeClock } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Lease } from '../domain/index.js';
import { planExtend, planSetCondition, planUpdateBench } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const OPERATOR = { actor: { name: 'olga', kind: 'caller' as const }, operator: true };
const MINUTE = 60_000;
const STEP_MS = 3000;

type Plan = Parameters<Awaited<ReturnType<typeof openTestLab>>['lab']['run']>[0]['plan'];

/** A lab on a clock that stands still, with one bench that is held on a stream. */
async function held(t: ExecutionContext, more: Parameters<typeof request>[2]) {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')], clock });
  t.teardown(close);
  const run = (plan: Plan): Promise<unknown> => lab.run({ requestId: '', fingerprint: '', plan });
  /** Time passes, and all that it demands is done: in small steps, as the lab's session must be kept alive. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left >= 0; left -= STEP_MS) {
      clock.advance(Math.min(left, STEP_MS));
      await run(() => undefined);
      if (left === 0) return;
    }
  };
  const attach = async (): Promise<TestStream> => {
    const stream = new TestStream();
    // What is left at the end of the test is told that the server stops.
    lab.acquire(request('r1', 'a', more), stream, stream).catch(() => undefined);
    await pass(0);
    return stream;
  };
  return { lab, run, pass, attach, stream: await attach() };
}

function leaseOf({ lease }: TestStream): Lease {
  if (lease === undefined) throw new Error('nothing was granted');
  return lease;
}

/** What a stream was warned of: kind and seconds left. */
function told({ warned }: TestStream): string[] {
  return warned.map(({ kind, remainingMs }) => `${kind} ${String(Math.round((remainingMs ?? 0) / 1000))}`);
}

test('a holder is warned ten minutes and one minute before max_duration is over', async (t) => {
  const { pass, stream } = await held(t, { maxDurationMs: 120 * MINUTE });
  await pass(109 * MINUTE);
  t.deepEqual(told(stream), []);
  await pass(MINUTE);
  t.deepEqual(told(stream), ['EXPIRY 600']);
  t.regex(stream.warned[0]?.message ?? '', /ends in 10 min: its max_duration is over then\. Extend it/);
  await pass(8 * MINUTE);
  t.is(stream.warned.length, 1);
  await pass(MINUTE);
  t.deepEqual(told(stream), ['EXPIRY 600', 'EXPIRY 60']);
});

test('the holder of a short lease is warned a tenth of it before its end', async (t) => {
  const { pass, stream } = await held(t, { maxDurationMs: 5 * MINUTE });
  await pass(4 * MINUTE);
  t.deepEqual(told(stream), []);
  await pass(MINUTE / 2);
  t.deepEqual(told(stream), ['EXPIRY 30']);
});

test('an end that was moved is warned of at its new time', async (t) => {
  const { run, pass, stream } = await held(t, { maxDurationMs: 5 * MINUTE });
  await run((draft) => planExtend(draft, leaseOf(stream).id, OPERATOR, 120 * MINUTE));
  await pass(100 * MINUTE);
  t.deepEqual(told(stream), []);
  await pass(10 * MINUTE);
  t.deepEqual(told(stream), ['EXPIRY 600']);
  await run((draft) => planExtend(draft, leaseOf(stream).id, OPERATOR, MINUTE));
  await pass(54_000);
  t.deepEqual(told(stream), ['EXPIRY 600', 'EXPIRY 6']);
});

test('a holder that comes back is told what it missed, once', async (t) => {
  const { run, pass, attach, stream } = await held(t, { maxDurationMs: 120 * MINUTE, graceMs: 60 * MINUTE });
  await pass(80 * MINUTE);
  stream.hangUp();
  await pass(0);
  await run((draft) => planUpdateBench(draft, 'b1', '', (spec) => ({ ...spec, location: 'moved' })));
  await run((draft) => planSetCondition(draft, 'b1', '', { state: 'MAINTENANCE', reason: 'new fan' }, OPERATOR));
  await pass(35 * MINUTE);
  const again = await attach();
  await pass(1000);
  t.is(leaseOf(again).specs[0]?.location, '');
  t.deepEqual(told(again), ['BENCH_CHANGED 0', 'BENCH_WANTED 0', 'EXPIRY 300']);
  t.deepEqual(stream.warnings, []);
});

test('a holder is told that its bench was changed, and that the change was taken back', async (t) => {
  const { run, stream } = await held(t, {});
  for (const location of ['moved', '']) {
    await run((draft) => planUpdateBench(draft, 'b1', '', (spec) => ({ ...spec, location })));
  }
  t.deepEqual(stream.warnings, ['BENCH_CHANGED', 'BENCH_CHANGED']);
  t.regex(
    stream.warned[0]?.message ?? '',
    /'b1' was changed after it was granted to you; your lease shows it as it was/,
  );
  t.regex(stream.warned[1]?.message ?? '', /'b1' is described again as it was granted/);
  await run((draft) => planSetCondition(draft, 'b1', '', { state: 'OFFLINE', reason: 'new fan' }, OPERATOR));
  t.is(stream.warnings[2], 'BENCH_WANTED');
});

test('a TTL that nobody renews is warned of before it is over, and one that is renewed is not', async (t) => {
  const { lab, pass, stream } = await held(t, { hold: 'TTL', ttlMs: 10 * MINUTE });
  const lease = leaseOf(stream);
  const keeper = new TestStream();
  let over = 0;
  lab.watchLease(lease, Object.assign(keeper, { leaseOver: () => over++ }));
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await pass(5 * MINUTE);
    await lab.touch([lease]);
  }
  t.deepEqual(told(keeper), []);
  await pass(8 * MINUTE);
  t.deepEqual(told(keeper), []);
  await pass(MINUTE);
  t.deepEqual(told(keeper), ['EXPIRY 60']);
  t.regex(keeper.warned[0]?.message ?? '', /its TTL is over then unless it is renewed/);
  await lab.touch([lease]);
  await pass(8 * MINUTE);
  t.is(keeper.warned.length, 1);
  await pass(MINUTE);
  t.is(keeper.warned.length, 2, 'again, after it was renewed once more');
  await pass(MINUTE);
  await pass(0);
  t.is(over, 1);
});
