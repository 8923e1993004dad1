import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { Caller } from '@berth/server';
import { callerMetadata } from '../caller-metadata.js';

/** What clients say with names of Berth, and not of themselves. */
const KEPT: ReadonlySet<string> = new Set(['berth-sent-at']);
/** What belongs to one connection. */
const OF_ONE_HOP: ReadonlySet<string> = new Set(['host', 'te', 'connection']);
/** What is for the gateway only. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** The headers with which a client's call goes on to a role: as they came, but for who calls. */
export function headersToRole(
  headers: IncomingHttpHeaders,
  caller: Caller,
  credential: string | undefined,
): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = { ':method': 'POST', ':path': headers[':path'], te: 'trailers' };
  for (const name of Object.keys(headers)) if (passes(name)) passed[name] = headers[name];
  for (const [name, value] of Object.entries(callerMetadata(caller))) {
    passed[name] = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
  }
  if (credential !== undefined) passed.authorization = `Bearer ${credential}`;
  return passed;
}

/** The headers with which a client's call goes on within this process, where it makes out the caller again. */
export function headersToOwn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = { ':method': 'POST', ':path': headers[':path'], te: 'trailers' };
  for (const name of Object.keys(headers))
    if (!name.startsWith(':') && !OF_ONE_HOP.has(name)) passed[name] = headers[name];
  return passed;
}

function passes(name: string): boolean {
  if (name.startsWith(':') || OF_ONE_HOP.has(name) || CREDENTIALS.has(name)) return false;
  return !name.startsWith('berth-') || KEPT.has(name);
}
