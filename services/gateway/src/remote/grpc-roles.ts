import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Caller } from '@berth/server';
import type { Channel } from '@grpc/grpc-js';
import { traceHeaders } from '@berth/server';
import { callerMetadata } from '../caller-metadata.js';
import type { ClientOptions, RawCallOptions, Roles } from '../ports/roles.js';
import { WHO_AM_I, whoAmIBytes } from '../who-am-i.js';
import { lentChannel, openChannel } from './open-channel.js';
import { RawCalls } from './raw-calls.js';

/** Where the roles are. */
export interface GrpcRolesOptions {
  /** The gRPC address; asked at the first call, since it may not be known before. */
  readonly address: () => string;
  /** True = it speaks TLS. It is a port of this process, so that its certificate is not asked for a name. */
  readonly secure?: boolean;
  /** The secret by which this process may speak for others; empty = callers are believed. */
  readonly secret: string;
}

/** Clients that are kept, so that a caller with many requests does not pay for one each time. */
const KEPT_CLIENTS = 256;

/** What a client says of its caller without being told. */
const SAID_BY_CLIENT: ReadonlySet<string> = new Set(['berth-user', 'berth-user-bin', 'berth-role']);

/** The roles over gRPC. */
export class GrpcRoles implements Roles {
  readonly #clients = new Map<string, Berth>();
  #shared: { readonly channel: Channel; readonly raw: RawCalls } | undefined;

  constructor(private readonly options: GrpcRolesOptions) {}

  for(caller: Caller, { own = false, metadata }: ClientOptions = {}): Berth {
    if (own) return this.#connect(caller, this.#open(), metadata);
    const { channel } = this.#connection();
    if (metadata !== undefined) return this.#connect(caller, lentChannel(channel), metadata);
    const key = JSON.stringify([caller.name, caller.role, caller.team, caller.benches]);
    const client = this.#clients.get(key) ?? unclosable(this.#connect(caller, lentChannel(channel), {}));
    // The one used last goes to the end, so that the first is the one not used for longest.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    if (this.#clients.size > KEPT_CLIENTS) this.#clients.delete(this.#clients.keys().next().value ?? '');
    return client;
  }

  unary(path: string, request: Uint8Array, options: RawCallOptions): Promise<Uint8Array> {
    if (path === WHO_AM_I) return Promise.resolve(whoAmIBytes(options.caller));
    return this.#connection().raw.unary(path, request, options);
  }

  async *stream(
    path: string,
    requests: Uint8Array | AsyncIterable<Uint8Array>,
    options: RawCallOptions,
  ): AsyncGenerator<Uint8Array, void> {
    const channel = this.#open();
    try {
      yield* this.#raw(channel).stream(path, requests, options);
    } finally {
      channel.close();
    }
  }

  /** Closes the connection that is shared, once the calls on it have ended. */
  close(): void {
    this.#shared?.channel.close();
  }

  #connect(caller: Caller, channel: Channel, metadata: ClientOptions['metadata']): Berth {
    const rest = Object.entries(callerMetadata(caller)).filter(([key]) => !SAID_BY_CLIENT.has(key));
    const told = Object.fromEntries(rest);
    return connect({
      // For messages: the channel is there already.
      address: this.options.address(),
      channel,
      user: caller.name,
      role: caller.role,
      token: this.options.secret,
      lab: '',
      metadata: () => ({ ...metadata, ...told, ...traceHeaders() }),
    });
  }

  #connection(): { readonly channel: Channel; readonly raw: RawCalls } {
    if (this.#shared === undefined) {
      const channel = this.#open();
      this.#shared = { channel, raw: this.#raw(channel) };
    }
    return this.#shared;
  }

  #raw(channel: Channel): RawCalls {
    const { secret } = this.options;
    return new RawCalls(channel, secret === '' ? {} : { authorization: `Bearer ${secret}` });
  }

  #open(): Channel {
    return openChannel(this.options.address(), this.options.secure);
  }
}

/** The client for many requests of a caller: none of them may end the calls of the others. */
function unclosable(client: Berth): Berth {
  return { ...client, close: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
}
