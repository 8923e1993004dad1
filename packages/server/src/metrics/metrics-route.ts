import type { FastifyInstance } from 'fastify';
import type { ProcessMetrics } from './process-metrics.js';

interface MetricsRouteOptions {
  readonly metrics: ProcessMetrics;
}

/** `GET /metrics`, for viewers and up. */
// eslint-disable-next-line @typescript-eslint/require-await -- a plugin of Fastify is a function that returns a promise
export async function metricsRoute(app: FastifyInstance, { metrics }: MetricsRouteOptions): Promise<void> {
  app.get('/metrics', { config: { access: 'viewer' } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}
