import { RESERVED_PATHS, systemClock } from '@berth/kernel';
import { createHttpServer, openIdentity, ProcessMetrics, ServerHealth } from '@berth/server';
import { pino } from 'pino';
import test from 'ava';
import { createGatewayService } from './index.js';

test('the names that kinds of records cannot be served under are those of all other paths', async (t) => {
  const log = pino({ level: 'silent' });
  const clock = systemClock();
  const { app } = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    identity: openIdentity(),
    health: new ServerHealth('0.0.0', log),
    metrics: new ProcessMetrics(),
    log,
  });
  const segments = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    const segment = url.split('/')[1] ?? '';
    if (segment !== '' && !/^[:*]/.test(segment)) segments.add(segment);
  });
  const gateway = createGatewayService({ app, grpc: { address: () => '', secret: '' }, clock, log, version: '0.0.0' });
  t.teardown(() => gateway.stop());
  await app.ready();
  t.deepEqual([...segments].sort(), [...RESERVED_PATHS].sort());
});
