import { HoldMode, type Warning, WarningKind } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireResponse, LeaseServiceImplementation } from '@berth/proto/berth/lease/v1/lease_service';
import { until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { ServerError, Status } from 'nice-grpc';
import { type AcquireCallbacks, acquireLease } from './acquire.js';
import type { AcquireOptions } from './acquire-request.js';
import { FakeClock } from './fake-clock.fixture.js';
import type { LeaseHandle, LeaseLostError } from './index.js';
import { Patience } from './middleware/retry.js';
import { described, granted, hungUp, startPeer } from './peer.fixture.js';
import { toDuration } from './span.js';

/** A lease from a peer's script, over a clock that the test moves. */
async function hold(
  t: ExecutionContext,
  script: Partial<LeaseServiceImplementation>,
  options: AcquireOptions & AcquireCallbacks = {},
): Promise<{ lease: LeaseHandle; clock: FakeClock }> {
  const clock = new FakeClock();
  const { berth } = await startPeer(t, script);
  const deps = {
    lease: berth.lease,
    clock,
    connection: { onDrain: () => () => undefined },
    patience: new Patience(),
    lab: '',
  };
  return { lease: await acquireLease(deps, { bench: 'bench1', ...options }), clock };
}

function heartbeat(remainingMs: number): AcquireResponse {
  return { event: { $case: 'heartbeat', value: { serverTime: undefined, remaining: toDuration(remainingMs) } } };
}

const kind = WarningKind.BENCH_WANTED;
/** Follows what a test must know to have arrived. */
const marker: AcquireResponse = { event: { $case: 'warning', value: { kind, remaining: undefined, message: '' } } };

/** Asserts that the signal aborts at this moment of the clock, and not a millisecond before. */
function assertAbortsAt(t: ExecutionContext, { lease, clock }: { lease: LeaseHandle; clock: FakeClock }, at: number) {
  clock.advance(at - 1 - clock.now());
  t.false(lease.signal.aborted, `at ${String(at - 1)}`);
  clock.advance(1);
  t.true(lease.signal.aborted, `at ${String(at)}`);
  t.is((lease.signal.reason as LeaseLostError).why, 'VALIDITY_OVER');
}

/** A gate that the peer's script waits at. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const HEARTBEATS = [
  // The grant came at 0. `remaining` is 10 s, the margin a tenth of it.
  { title: 'sent up to 2 s ago, when the message before is older', arrivesAt: 30_000, abortsAt: 28_000 + 9000 },
  { title: 'not sent before the message before it came', arrivesAt: 1500, abortsAt: 9000 },
];

for (const { title, arrivesAt, abortsAt } of HEARTBEATS) {
  test(`the validity of a heartbeat counts from the earliest moment it may have been sent: ${title}`, async (t) => {
    const { opened, open } = gate();
    const seen: Warning[] = [];
    const held = await hold(
      t,
      {
        async *acquire(_request, context) {
          yield granted({ remaining: toDuration('1h') });
          await opened;
          yield heartbeat(10_000);
          yield marker;
          await hungUp(context);
        },
      },
      { onWarning: (warning) => seen.push(warning) },
    );
    held.clock.advance(arrivesAt);
    open();
    await until(() => seen.length > 0, { what: 'the heartbeat' });
    assertAbortsAt(t, held, abortsAt);
  });
}

test('the validity of a grant counts from when it was asked for, less a margin of at most a second', async (t) => {
  const long = await hold(t, {
    async *acquire(_request, context) {
      yield granted({ remaining: toDuration('1m') });
      await hungUp(context);
    },
  });
  assertAbortsAt(t, long, 59_000);
});

test('a signal that is read after the validity has passed is aborted, also before a timer could fire', async (t) => {
  const { lease, clock } = await hold(t, {
    async *acquire(_request, context) {
      yield granted({ remaining: toDuration('5s') });
      await hungUp(context);
    },
  });
  clock.suspend(60_000);
  t.true(lease.signal.aborted);
});

test('a holder that came back keeps its lease for as long as the server says then', async (t) => {
  const { opened, open } = gate();
  let streams = 0;
  const seen: Warning[] = [];
  const held = await hold(
    t,
    {
      async *acquire(_request, context) {
        const first = ++streams === 1;
        yield granted({ remaining: toDuration(first ? '10s' : '1m') });
        if (first) {
          await opened;
          throw new ServerError(Status.UNAVAILABLE, 'restarting');
        }
        yield marker;
        await hungUp(context);
      },
    },
    { reconnectGrace: '10s', onWarning: (warning) => seen.push(warning) },
  );
  held.clock.advance(5000);
  open();
  await until(() => seen.length > 0, { what: 'the second stream' });
  assertAbortsAt(t, held, 5000 + 59_000);
});

const BREAKS = [
  { title: 'for the grace at most, less a margin', remainingMs: 20_000, validMs: 4000 - 400 },
  // It may have been under way for a fifth of it.
  { title: 'no longer than the server said', remainingMs: 1000, validMs: 1000 - 200 - 100 },
];

for (const { title, remainingMs, validMs } of BREAKS) {
  test(`while the connection is made again, a lease is valid ${title}`, async (t) => {
    const [beat, fail, again] = [gate(), gate(), gate()];
    let streams = 0;
    const seen: Warning[] = [];
    const held = await hold(
      t,
      {
        async *acquire() {
          if (++streams > 1) {
            again.open();
            throw new ServerError(Status.UNAVAILABLE, 'restarting');
          }
          yield granted({ remaining: toDuration('1h') });
          await beat.opened;
          yield heartbeat(remainingMs);
          yield marker;
          await fail.opened;
          throw new ServerError(Status.UNAVAILABLE, 'restarting');
        },
      },
      { reconnectGrace: '4s', onWarning: (warning) => seen.push(warning) },
    );
    held.clock.advance(10_000);
    beat.open();
    await until(() => seen.length > 0, { what: 'the heartbeat' });
    fail.open();
    await again.opened;
    assertAbortsAt(t, held, 10_000 + validMs);
  });
}

test('a release that failed is tried again by the next call', async (t) => {
  let releases = 0;
  const { lease } = await hold(
    t,
    {
      async *acquire() {
        yield await Promise.resolve(granted({ hold: HoldMode.MANUAL }));
      },
      release(_request, context) {
        if (++releases === 1) throw described(context, Status.INTERNAL, 'INTERNAL', 'a fault');
        return Promise.resolve({ released: true });
      },
    },
    { hold: 'manual' },
  );
  await t.throwsAsync(lease.release(), { message: 'a fault' });
  t.true(lease.signal.aborted);
  await lease.release();
  await lease.release();
  t.is(releases, 2);
});
