import { connect } from '@berth/client';
import { closedAfter, requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const STREAMS = 60;

if (requireServer(test, 'redis-server')) {
  test('an outage of Redis is one warning, however many streams wait for its end, and one line when it is over', async (t) => {
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    // Short sessions: several beats fail in the time that the outage takes.
    const settings = { roles: ['lease'], lease: { sessionTtlMs: 1000 } };
    const berthd = await berthdOf(t, { redisUrl: redis.url, inventory: inventoryOf(1), settings });
    const callers = connect({ address: berthd.address });
    const asking = closedAfter(t, connect({ address: berthd.address }));
    const calls = Array.from({ length: STREAMS }, (_, i) =>
      openAcquire(callers, { requestId: `r-${String(i)}`, requirements: [{ bench: 'b1' }] }),
    );
    const waiting = async (): Promise<number> => (await asking.lease.listQueue({ pageSize: 1000 })).requests.length;
    await until(async () => (await waiting()) === STREAMS - 1, { what: 'all but one to wait', timeoutMs: 60_000 });
    await redis.kill('SIGKILL');
    callers.close();
    await until(async () => (await asking.health()) === 'NOT_SERVING', {
      what: 'the outage to be noticed',
      timeoutMs: 60_000,
    });
    // Meanwhile each stream that is gone was tried to be given up at least once more.
    await until(async () => asking.lease.release({ leaseId: 'none' }, { retry: false }).catch(() => true), {
      what: 'a refusal',
      timeoutMs: 60_000,
    });
    await redis.restart();
    await until(async () => (await asking.health()) === 'SERVING', {
      what: 'the end of the outage',
      timeoutMs: 60_000,
    });
    await until(async () => (await waiting().catch(() => STREAMS)) === 0, {
      what: 'all to be given up',
      timeoutMs: 60_000,
    });
    await Promise.all(calls.map((call) => call.failed()));
    const lines = berthd.log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
    const during = lines
      .filter(({ part, level }) => level >= 40 || part !== undefined)
      .map(({ msg }) => msg)
      // Of a process that was paused, as it is on a busy machine.
      .filter((msg) => !msg.includes('session had run out'));
    t.deepEqual(
      during.filter((msg) => msg.startsWith('store of leases')),
      ['store of leases: does not work; told once, until it works again', 'store of leases: works again'],
    );
    // The locks are in the same Redis, and say so for themselves.
    t.deepEqual(during, [...new Set(during)], 'no line twice');
    t.true(during.length <= 4);
  });
}

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly part?: string;
}
