import { pino } from 'pino';
import test from 'ava';
import { ServerHealth } from '../health/health.js';
import { ask, reasonOf, serveHttp } from './http-server.fixture.js';

test('/readyz tells the truth of each service and of the whole, /healthz that the process lives', async (t) => {
  const health = new ServerHealth('1.2.3', pino({ level: 'silent' }));
  const server = await serveHttp(t, { health });
  const ready = async (query = '') => {
    const { status, text, headers } = await ask(server, `/readyz${query}`);
    return { code: status, retry: headers['retry-after'], ...(JSON.parse(text) as object) };
  };
  health.addService('a.A');
  health.addService('a.B');
  t.like(await ready(), { code: 503, status: 'NOT_SERVING', retry: '1', version: '1.2.3' });
  health.setAll(true);
  t.like(await ready(), {
    code: 200,
    status: 'SERVING',
    retry: undefined,
    services: { 'a.A': 'SERVING' },
    troubles: [],
  });
  const says = health.part('store', () => ['a.A']);
  says(false, new Error('the store is away'));
  t.like(await ready(), { code: 503, services: { 'a.A': 'NOT_SERVING', 'a.B': 'SERVING' } });
  t.like(await ready('?service=a.A'), { code: 503, status: 'NOT_SERVING' });
  t.like(await ready('?service=a.B'), { code: 200, status: 'SERVING' });
  const { troubles } = (await ready()) as unknown as { troubles: { part: string; why: string }[] };
  t.like(troubles, [{ part: 'store', why: 'the store is away' }]);
  t.is((await ask(server, '/healthz')).text, 'ok\n');
  says(true);
  t.like(await ready(), { code: 200, troubles: [] });
  const unknown = await ask(server, '/readyz?service=a.C');
  t.deepEqual([unknown.status, reasonOf(unknown)], [404, 'NO_SUCH_SERVICE']);
  t.is((await ask(server, '/readyz', { method: 'HEAD' })).status, 200);
});
