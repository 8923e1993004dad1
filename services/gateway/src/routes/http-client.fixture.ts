// Asks a real berthd over HTTP.
import type { BerthdOptions } from '@berth/testkit';
import { startBerthd } from '@berth/testkit';

/** What a request got. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
  readonly text: string;
}

/** What is sent. An object, or a list, is sent as JSON, a text as a form. */
export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `operator`. */
  readonly role?: string;
  readonly user?: string;
}

/** A server with all roles, and a way to ask it. */
export interface HttpLab {
  readonly ask: (method: string, path: string, sent?: Sent) => Promise<Told>;
  stop(): Promise<void>;
}

/** Starts berthd with all roles and HTTP. */
export async function startHttpLab({ settings = {}, ...options }: BerthdOptions = {}): Promise<HttpLab> {
  const berthd = await startBerthd({ ...options, settings: { http: { listen: '127.0.0.1:0' }, ...settings } });
  return {
    ask: (method, path, sent = {}) => ask(`${berthd.http}${path}`, method, sent),
    stop: () => berthd.stop(),
  };
}

async function ask(
  url: string,
  method: string,
  { body, headers, role = 'operator', user = 'ann' }: Sent,
): Promise<Told> {
  const isText = typeof body === 'string';
  const type = body === undefined ? {} : { 'content-type': isText ? FORM : 'application/json' };
  const response = await fetch(url, {
    method,
    headers: { ...type, 'berth-user': user, 'berth-role': role, ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: jsonOf(text), text };
}

const FORM = 'application/x-www-form-urlencoded';

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
