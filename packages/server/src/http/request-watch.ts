import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Cell } from '../metrics/cells.js';
import type { Labelled } from '../metrics/families.js';
import { counterFamily } from '../metrics/families.js';
import type { ProcessMetrics } from '../metrics/process-metrics.js';
import type { AccessLog } from '../process/access-log.js';

interface Watching {
  readonly metrics?: ProcessMetrics | undefined;
  readonly accessLog?: AccessLog | undefined;
}

/** Probes and what reads the metrics would fill the log. */
const UNTOLD: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Counts the requests that a server answers, by route and status, and writes the lines of the access log. */
export function watchRequests(app: FastifyInstance, { metrics, accessLog }: Watching): void {
  if (metrics !== undefined) countRequests(app, metrics);
  if (accessLog === undefined) return;
  app.addHook('onResponse', (request, reply, done) => {
    if (!UNTOLD.has(routeOf(request))) accessLog.line(lineOf(request, reply));
    done();
  });
}

function countRequests(app: FastifyInstance, metrics: ProcessMetrics): void {
  const counted = new Map<string, Labelled<Cell>>();
  const help = 'HTTP requests that were answered, by route and status.';
  metrics.add(counterFamily('berth_http_requests_total', help, () => counted.values()));
  app.addHook('onResponse', (request, reply, done) => {
    const labels = { route: routeOf(request), status: String(reply.statusCode) };
    const key = `${labels.status} ${labels.route}`;
    const found = counted.get(key) ?? { labels, cell: new Cell() };
    counted.set(key, found);
    found.cell.add();
    done();
  });
}

/** The route as it was registered: there are only so many. */
function routeOf({ routeOptions: { url = 'none' } }: FastifyRequest): string {
  return url;
}

function lineOf(request: FastifyRequest, reply: FastifyReply): Parameters<AccessLog['line']>[0] {
  const { method, url, id, raw, caller, trace } = request;
  const { remoteAddress = '', remotePort = 0 } = raw.socket;
  return {
    requestId: id,
    // Without the query, in which people may put what nobody else should read.
    method: `${method} ${url.split('?', 1)[0] ?? ''}`,
    code: reply.statusCode,
    failed: reply.statusCode >= 400 && reply.statusCode !== 499,
    caller,
    peer: `${remoteAddress}:${String(remotePort)}`,
    ms: reply.elapsedTime,
    traceId: trace?.traceId,
  };
}
