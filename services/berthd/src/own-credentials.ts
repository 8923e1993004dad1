import { readFile } from 'node:fs/promises';
import type { ConnectOptions } from '@berth/client';
import { BerthError } from '@berth/kernel';
import { readTextFile, whyUnreadable } from '@berth/server';
import type { BerthdConfig } from './config.js';

type Settings = Pick<BerthdConfig, 'auth' | 'tls'>;

/** PEM of what a connection to a role in another process is secured with. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * What this process secures its connections to roles in other processes with: its own certificate, as that of a client, and
 * the authority of theirs; undefined when neither is set. Throws INVALID_CONFIG for a file that cannot be read.
 */
export function clientTls({ tls }: Settings): ClientTls | undefined {
  const { cert, key, ca = tls.clientCa } = tls;
  if (cert === undefined && ca === undefined) return undefined;
  return {
    ...(ca !== undefined && { ca: readTextFile(ca, 'the authority of other roles') }),
    ...(cert !== undefined && { cert: readTextFile(cert, 'the certificate') }),
    ...(key !== undefined && { key: readTextFile(key, 'the private key') }),
  };
}

/** The token that this process shows to roles in other processes, read when it is asked for; undefined when there is none. */
export function ownToken({ auth }: Settings): (() => Promise<string>) | undefined {
  const { ownTokenFile: path } = auth;
  if (path === undefined) return undefined;
  return async () => {
    try {
      return (await readFile(path, 'utf8')).trim();
    } catch (cause) {
      const why = whyUnreadable(cause);
      throw new BerthError('INVALID_CONFIG', `the token of this process, ${path}: ${why}`, {}, { cause });
    }
  };
}

/**
 * How a role at an address in another process is reached: with TLS where this process has a certificate or knows an
 * authority, unless the address says http.
 */
export function reach(address: string, settings: Settings): Pick<ConnectOptions, 'address' | 'token' | 'tls'> {
  const tls = address.startsWith('http://') ? undefined : clientTls(settings);
  // Without a token of its own it shows none, whatever the environment has for clients.
  return { address, token: ownToken(settings) ?? '', ...(tls !== undefined && { tls }) };
}
