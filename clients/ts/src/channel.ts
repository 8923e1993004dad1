import { Channel, ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';

/** How the connection is protected. */
export interface TlsOptions {
  /** PEM of the authorities to trust; absent = the system's. */
  ca?: Buffer;
  /** PEM of the client's certificate and key, for mutual TLS. */
  cert?: Buffer;
  key?: Buffer;
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

/** A channel to `host:port`, `unix:/path`, or a URL with http or https; no connection is made before the first call. */
export function openChannel(address: string, tls: boolean | TlsOptions | undefined): Channel {
  const url = /^(https?):\/\/([^/]+)\/?$/.exec(address);
  const target = url?.[2] ?? address;
  const secure = tls ?? url?.[1] === 'https';
  if (secure === false) return new Channel(target, ChannelCredentials.createInsecure(), OPTIONS);
  const { ca, key, cert } = secure === true ? {} : secure;
  return new Channel(target, ChannelCredentials.createSsl(ca, key, cert), OPTIONS);
}
