import { isIPv6 } from 'node:net';
import { BerthError } from '@berth/kernel';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:7070`, `[::1]:7070`, `localhost:0` or `:7070` (loopback). Throws INVALID_CONFIG about the setting. */
export function parseListenAddress(text: string, setting = 'listen'): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new BerthError(
      'INVALID_CONFIG',
      `${setting}: "${text}" is no address to listen on; write HOST:PORT with a port of 0 to 65535, for example 127.0.0.1:7070 or [::1]:7070`,
      { fields: [{ field: setting, description: 'must be HOST:PORT' }] },
    );
  }
  const host = bracketed ?? plain ?? '';
  return { host: host === '' ? '127.0.0.1' : host, port };
}

/** The address as text that clients take. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}

/** Where a process reaches a server of its own: loopback when it listens everywhere. */
export function ownAddress({ host, port }: ListenAddress): string {
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return formatListenAddress({ host: everywhere[host] ?? host, port });
}

/** Whether only this machine reaches the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Throws INVALID_CONFIG for an address that other machines reach: whoever reaches the server is believed who they are. */
export function requireLoopback(address: ListenAddress, setting = 'listen'): void {
  if (isLoopback(address)) return;
  throw new BerthError(
    'INVALID_CONFIG',
    `refusing to listen on ${formatListenAddress(address)}: other machines reach it, and every caller is believed to be who it says. ` +
      'Say how callers are made out (the settings of auth), listen on 127.0.0.1 (and reach it by ssh -L), or accept this in a trusted network with --insecure',
    { fields: [{ field: setting, description: 'is not a loopback address, and neither auth nor insecure is set' }] },
  );
}
