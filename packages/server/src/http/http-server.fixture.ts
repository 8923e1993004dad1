// A real HTTP server for tests, and requests as a client of any kind could make them.
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { request as requestHttp } from 'node:http';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { ServerHealth } from '../health/health.js';
import { openIdentity } from '../identity/identity.js';
import type { HttpServer, HttpServerOptions } from './http-server.js';
import { createHttpServer } from './http-server.js';

/** What a test may say otherwise, and the routes that it adds. */
export interface Served extends Partial<HttpServerOptions> {
  readonly routes?: (app: HttpServer['app']) => void;
}

/** A server on a free port, stopped when the test ends. */
export async function serveHttp(t: ExecutionContext, { routes, ...options }: Served = {}): Promise<HttpServer> {
  const log = pino({ level: 'silent' });
  const server = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    identity: openIdentity(),
    health: new ServerHealth('1.2.3', log),
    log,
    ...options,
  });
  routes?.(server.app);
  t.teardown(() => server.stop());
  await server.start();
  return server;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of an error. */
  readonly json: { readonly code: number; readonly message: string; readonly details: readonly Detail[] };
}

interface Detail {
  readonly '@type': string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Asking extends RequestOptions {
  readonly body?: string | Buffer;
}

/** Asks a server; unlike `fetch` with any header, also Host. */
export function ask({ address }: HttpServer, path: string, { body, ...options }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = requestHttp({ ...address, path, agent: false, ...options }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode: status = 0, headers } = answer;
        const isJson = text !== '' && headers['content-type']?.startsWith('application/json') === true;
        resolve({ status, headers, text, json: (isJson ? JSON.parse(text) : {}) as Answer['json'] });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The reason of an error. */
export function reasonOf({ json }: Answer): string | undefined {
  return json.details.find((detail) => detail['@type'].endsWith('/google.rpc.ErrorInfo'))?.reason;
}
