import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { HealthCheckResponse_ServingStatus as Status, HealthDefinition } from '@berth/proto/grpc/health/v1/health';
import type { Metadata, ServiceError } from '@grpc/grpc-js';
import { Client, credentials } from '@grpc/grpc-js';
import type { Trouble } from './health.js';

/** What a server says of its health. */
export interface ToldHealth {
  /** `UNREACHABLE` when it does not answer. */
  readonly status: 'SERVING' | 'NOT_SERVING' | 'UNREACHABLE';
  readonly version?: string;
  /** The parts that do not work. */
  readonly troubles: readonly Trouble[];
  /** Why it does not answer, or why it does not know the service. */
  readonly why?: string;
}

export interface AskHealthOptions {
  /** One service by its full name; '' = the process as a whole. */
  readonly service: string;
  readonly timeoutMs: number;
  /** With TLS. Nothing is shown and nothing secret comes back, so the certificate is not looked at. */
  readonly secure: boolean;
}

/** Asks by `grpc.health.v1` at `host:port`. Never throws. */
export function askGrpcHealth(address: string, { service, timeoutMs, secure }: AskHealthOptions): Promise<ToldHealth> {
  const channel = secure
    ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
    : credentials.createInsecure();
  // An IP address cannot be the name that TLS tells, and Node.js 26 takes none; the server is not checked by a name anyway.
  const client = new Client(address, channel, { 'grpc.ssl_target_name_override': 'berth.invalid' });
  const { requestType, responseType } = HealthDefinition.methods.check;
  return new Promise((resolve) => {
    let metadata: Metadata | undefined;
    const answered = (error: ServiceError | null, status?: Status): void => {
      client.close();
      resolve(error === null ? toldByGrpc(status, metadata) : silent(error.details || error.message));
    };
    client
      .makeUnaryRequest(
        `/${HealthDefinition.fullName}/Check`,
        (request: { service: string }) => Buffer.from(requestType.encode(request).finish()),
        (bytes) => responseType.decode(bytes).status,
        { service },
        { deadline: Date.now() + timeoutMs },
        answered,
      )
      .on('metadata', (told) => {
        metadata = told;
      });
  });
}

/** Asks `/readyz` of a URL such as `http://127.0.0.1:7080`. Never throws. */
export function askHttpHealth(url: string, { service, timeoutMs }: AskHealthOptions): Promise<ToldHealth> {
  const asked = new URL('/readyz', url);
  if (service !== '') asked.searchParams.set('service', service);
  const get = asked.protocol === 'https:' ? getHttps : getHttp;
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      resolve(silent(error.message));
    };
    const options = { rejectUnauthorized: false, timeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
    get(asked, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('error', failed);
      answer.on('end', () => {
        resolve(toldByHttp(answer.statusCode ?? 0, text));
      });
    }).on('error', failed);
  });
}

function toldByGrpc(status: Status | undefined, metadata: Metadata | undefined): ToldHealth {
  const version = String(metadata?.get('berth-version')[0] ?? '');
  const troubles = String(metadata?.get('berth-troubles')[0] ?? '[]');
  return {
    status: status === Status.SERVING ? 'SERVING' : 'NOT_SERVING',
    ...(version !== '' && { version }),
    troubles: troublesOf(troubles),
  };
}

function toldByHttp(code: number, text: string): ToldHealth {
  if (code !== 200 && code !== 503) return silent(`HTTP ${String(code)}: ${text.slice(0, 300)}`);
  const { version, troubles = [] } = JSON.parse(text) as { version?: string; troubles?: readonly Trouble[] };
  const status = code === 200 ? 'SERVING' : 'NOT_SERVING';
  return { status, ...(version !== undefined && { version }), troubles };
}

/** A proxy may say it in its own words: then nothing is known of troubles. */
function troublesOf(text: string): readonly Trouble[] {
  try {
    return JSON.parse(text) as readonly Trouble[];
  } catch {
    return [];
  }
}

function silent(why: string): ToldHealth {
  return { status: 'UNREACHABLE', troubles: [], why };
}
