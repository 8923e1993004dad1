import type { ClientHttp2Session, SecureClientSessionOptions } from 'node:http2';
import { connect } from 'node:http2';
import { isIP } from 'node:net';
import type { Clock } from '@berth/kernel';
import type { RoleTarget } from './role-target.js';
import { hostAndPort } from './role-address.js';

/** PEM of what connections to roles are secured with. */
export interface RoleTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Until its health has said whether it really stops. */
const LEAVING_MS = 2000;

/** A process that serves a role, at an address to which a name led. */
export class RemoteTarget implements RoleTarget {
  readonly name: string;
  /** Set by what asks for its health. */
  serving: boolean | undefined;
  #leftMs = -Infinity;

  constructor(
    private readonly at: { readonly ip: string; readonly port: number; readonly host: string },
    private readonly tls: RoleTls | undefined,
    private readonly clock: Clock,
  ) {
    const where = hostAndPort(at.ip, at.port);
    this.name = at.ip === at.host ? where : `${where} (${at.host})`;
  }

  /** Whether it said goodbye a moment ago. */
  get isLeaving(): boolean {
    return this.clock.monotonic() - this.#leftMs < LEAVING_MS;
  }

  leaves(): void {
    this.#leftMs = this.clock.monotonic();
  }

  /** Whether this name led to it. */
  isOf(host: string): boolean {
    return this.at.host === host;
  }

  connect(): ClientHttp2Session {
    const { ip, port, host } = this.at;
    const { tls } = this;
    const authority = `${tls === undefined ? 'http' : 'https'}://${hostAndPort(ip, port)}`;
    // Its certificate is for the name, where there is one.
    const named = isIP(host) === 0 ? { servername: host } : {};
    return connect(authority, { ...SESSION_OPTIONS, ...tls, ...named });
  }
}

/** How connections to roles are made: nothing bounds the streams but the bounds of the client, and of the role. */
export const SESSION_OPTIONS: SecureClientSessionOptions = {
  settings: { enablePush: false },
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  // Until the role has said how many streams it takes.
  peerMaxConcurrentStreams: 2 ** 31 - 1,
};
