import { requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

interface Report {
  readonly code: number;
  readonly status: string;
  readonly services: Readonly<Record<string, string>>;
  readonly troubles: readonly { readonly part: string; readonly why: string }[];
}

if (requireServer(test, 'redis-server')) {
  test('/readyz says that leases are not served while Redis is away, and /healthz that the process lives', async (t) => {
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    const settings = { roles: ['lease', 'tracker'], http: { listen: '127.0.0.1:0' } };
    const berthd = await berthdOf(t, { redisUrl: redis.url, inventory: inventoryOf(1), settings });
    const url = berthd.http ?? '';
    const ready = async (): Promise<Report> => {
      const answer = await fetch(`${url}/readyz`);
      return { code: answer.status, ...((await answer.json()) as Omit<Report, 'code'>) };
    };
    const soon = { timeoutMs: 60_000 };
    t.is((await ready()).code, 200);
    await redis.kill('SIGKILL');
    const away = await until(
      async () => {
        const report = await ready();
        return report.code === 503 ? report : undefined;
      },
      { what: 'the outage to be told', ...soon },
    );
    t.is(away.status, 'NOT_SERVING');
    t.is(away.services['berth.lease.v1.LeaseService'], 'NOT_SERVING');
    t.is(away.services['berth.tracker.v1.RecordService'], 'SERVING');
    t.true(away.troubles.some(({ part }) => part === 'store of leases'));
    t.is((await fetch(`${url}/healthz`)).status, 200);
    const up = /^berth_service_up\{service="berth\.lease\.v1\.LeaseService"\} 0$/m;
    t.regex(await (await fetch(`${url}/metrics`)).text(), up);
    await redis.restart();
    await until(async () => (await ready()).code === 200, { what: 'the end of the outage', ...soon });
    t.deepEqual((await ready()).troubles, []);
  });
}
