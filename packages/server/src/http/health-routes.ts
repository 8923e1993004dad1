import type { FastifyInstance } from 'fastify';
import { BerthError } from '@berth/kernel';
import type { ServerHealth } from '../health/health.js';

interface HealthRoutesOptions {
  readonly health: ServerHealth;
}

/**
 * The probes, open to everybody: `/healthz` answers while the process lives, `/readyz` 200 while all services serve and 503
 * otherwise, with what does not work. `/readyz?service=NAME` is about one service.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a plugin of Fastify is a function that returns a promise
export async function healthRoutes(app: FastifyInstance, { health }: HealthRoutesOptions): Promise<void> {
  const route = { config: { access: 'open' }, exposeHeadRoute: true } as const;
  app.get('/healthz', route, (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'));
  app.get<{ Querystring: { service?: string } }>('/readyz', route, (request, reply) => {
    const report = health.report();
    const { service } = request.query;
    const status = service === undefined || service === '' ? report.status : report.services[service];
    if (status === undefined) throw noSuchService(service ?? '', Object.keys(report.services));
    if (status !== 'SERVING') void reply.code(503).header('retry-after', '1');
    return reply.header('cache-control', 'no-store').send({ ...report, status });
  });
}

function noSuchService(service: string, known: readonly string[]): BerthError {
  return new BerthError('NO_SUCH_SERVICE', `this server has no service '${service}'; it has ${known.join(', ')}.`, {
    resource: { type: 'berth.dev/Service', name: service },
  });
}
