import type { ChannelOptions } from '@grpc/grpc-js';
import { Channel, ChannelCredentials } from '@grpc/grpc-js';

const OPTIONS: ChannelOptions = {
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.min_reconnect_backoff_ms': 5000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  // grpc-js shares connections among channels of one address otherwise.
  'grpc.use_local_subchannel_pool': 1,
  // An IP address cannot be the name that TLS tells, and Node.js 26 takes none.
  'grpc.ssl_target_name_override': 'berth.invalid',
};

/**
 * A channel with a connection of its own to a port of this process, made at the first call. Nobody else can listen there, so
 * that its certificate is taken whatever its names.
 */
export function openChannel(address: string, isSecure = false): Channel {
  const credentials = isSecure
    ? ChannelCredentials.createSsl(null, null, null, { rejectUnauthorized: false })
    : ChannelCredentials.createInsecure();
  return new Channel(address, credentials, OPTIONS);
}

/** The channel for a client that does not own it: closing the client leaves it open. */
export function lentChannel(channel: Channel): Channel {
  const lent = {
    close: () => undefined,
    getTarget: () => channel.getTarget(),
    getConnectivityState: (connect: boolean) => channel.getConnectivityState(connect),
    watchConnectivityState: (...args: Parameters<Channel['watchConnectivityState']>) => {
      channel.watchConnectivityState(...args);
    },
    createCall: (...args: Parameters<Channel['createCall']>) => channel.createCall(...args),
  };
  // grpc-js asks a channel for no more than this; its type is that of its own class.
  return lent as unknown as Channel;
}
