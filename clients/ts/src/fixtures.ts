import type { AcquireCallbacks } from './acquire.js';
import type { AcquireOptions } from './acquire-request.js';
import { type ConnectOptions, type Berth, connect } from './connect.js';
import type { LeaseHandle } from './lease-handle.js';

/** What the fixture leases, and where. */
export type LeaseFixtureOptions = AcquireOptions & AcquireCallbacks & { server?: ConnectOptions };

/** A lease for as long as a test file runs. Both functions have the form that every test runner's hooks take. */
export interface LeaseFixture {
  /** Waits for the bench; for `before` / `beforeAll`. Give the hook a time limit that allows for the queue. */
  readonly acquire: () => Promise<void>;
  /** Gives it back, also when `acquire` failed; for `after.always` / `afterAll` / `after`. */
  readonly release: () => Promise<void>;
  /** The lease. Throws before `acquire` is through and after `release`. */
  readonly lease: LeaseHandle;
}

/**
 * A bench for the tests of one file:
 *
 * ```ts
 * const bench = leaseFixture({ query: 'attributes=[a]', description: 'flash tests' });
 * test.before(bench.acquire);            // ava; node:test: before, vitest and jest: beforeAll
 * test.after.always(bench.release);      // ava; node:test: after,  vitest and jest: afterAll
 * test('boots', async (t) => { await flash(bench.lease.property('dut', 'socket')) });
 * ```
 *
 * The bench is also given back when the test process dies: the lease hangs on its connection.
 */
export function leaseFixture({ server, ...options }: LeaseFixtureOptions): LeaseFixture {
  let berth: Berth | undefined;
  let lease: LeaseHandle | undefined;
  return {
    async acquire() {
      if (berth) throw new Error('the fixture was acquired already');
      berth = connect(server);
      lease = await berth.acquire(options);
    },
    async release() {
      const held = lease;
      lease = undefined;
      try {
        await held?.release();
      } finally {
        berth?.close();
        berth = undefined;
      }
    },
    get lease() {
      if (lease) return lease;
      throw new Error('there is no lease: call `acquire` in a before hook, and use the lease before `release`');
    },
  };
}
