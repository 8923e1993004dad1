import { Channel, ChannelCredentials, type ChannelInterface, type ChannelOptions } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { parseAddresses } from './server-addresses.js';
import { SpreadChannel } from './spread-channel.js';

/** How the connection is protected. */
export interface TlsOptions {
  /** PEM of the authorities to trust; absent = the system's. */
  ca?: Buffer | string;
  /** PEM of the client's certificate and key, for mutual TLS; both or none. */
  cert?: Buffer | string;
  key?: Buffer | string;
}

const OPTIONS: ChannelOptions = {
  // The channel's own retries buffer every message of a stream, and would repeat calls that this client decides about.
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  // nice-grpc bounds a connection attempt by this; a peer that accepts and stays silent would hang the channel for good.
  'grpc.min_reconnect_backoff_ms': 5000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.keepalive_permit_without_calls': 0,
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

/**
 * TLS tells the server the name that it was reached by, which cannot be an IP address (RFC 6066, 3); grpc-js tells that all the
 * same, and Node.js 26 throws. So another name is told, and the certificate is checked for the address.
 */
const NAMED_BY_NOBODY: ChannelOptions = { 'grpc.ssl_target_name_override': 'berth.invalid' };

/**
 * A channel to `host:port`, `unix:/path`, or a URL with http or https, or to several of them with commas between; no connection
 * is made before the first call. Throws a TypeError for addresses and certificates that cannot be used.
 */
export function openChannel(address: string, tls: boolean | TlsOptions | undefined): ChannelInterface {
  const { targets, secure } = parseAddresses(address);
  const channels = targets.map((target) => {
    const ip = ipOf(target);
    const options = ip === undefined ? OPTIONS : { ...OPTIONS, ...NAMED_BY_NOBODY };
    return new Channel(target, credentialsFor(secure, tls, ip), options);
  });
  const [only] = channels;
  return channels.length === 1 && only !== undefined ? only : new SpreadChannel(channels);
}

/** The IP address in `1.2.3.4:7070` or `[::1]:7070`; undefined for a name. */
function ipOf(target: string): string | undefined {
  const host = /^\[?(.*?)\]?(?::\d+)?$/.exec(target)?.[1] ?? '';
  return isIP(host) === 0 ? undefined : host;
}

function credentialsFor(
  secure: boolean | undefined,
  tls: boolean | TlsOptions | undefined,
  ip: string | undefined,
): ChannelCredentials {
  const isSecure = tls === undefined ? secure === true : tls !== false;
  if (!isSecure) return ChannelCredentials.createInsecure();
  if (secure === false) throw new TypeError('TLS is asked for, and the address says http; write https, or no scheme');
  const { ca, cert, key } = typeof tls === 'object' ? tls : {};
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError(`a client's certificate needs its key: ${cert === undefined ? 'cert' : 'key'} is missing`);
  }
  try {
    // A file without a certificate is taken silently otherwise, and nobody is trusted.
    if (ca !== undefined) new X509Certificate(ca);
    return ChannelCredentials.createSsl(bytesOf(ca), bytesOf(key), bytesOf(cert), {
      ...(ip !== undefined && { checkServerIdentity: (_name, certificate) => checkServerIdentity(ip, certificate) }),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`the certificates or the key cannot be used: ${why}`, { cause });
  }
}

function bytesOf(pem: Buffer | string | undefined): Buffer | undefined {
  return typeof pem === 'string' ? Buffer.from(pem) : pem;
}
