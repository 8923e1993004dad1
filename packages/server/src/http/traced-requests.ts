import type { FastifyInstance } from 'fastify';
import { CallTraces } from '../traces/call-traces.js';

/** Serves each request in the trace that it came with. */
export function traceRequests(app: FastifyInstance, version: string): void {
  const traces = new CallTraces(version);
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, method, routeOptions } = request;
    const text = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    request.trace = traces.begin({ method: `${method} ${routeOptions.url ?? 'none'}` }, { text });
    if (request.trace === undefined) done();
    else request.trace.run(done);
  });
  // What reads a body goes on from the connection, which knows no trace.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.trace === undefined) done();
    else request.trace.run(done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.trace?.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
    done();
  });
}
