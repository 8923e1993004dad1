import type { Clock, Logger } from '@berth/kernel';
import type { Audit, Caller, Identity, ListenAddress, MethodWatch, ServerTls } from '@berth/server';
import type { RoleTargets } from './role-target.js';

export interface ProxyOptions {
  readonly listen: ListenAddress;
  /** Absent = what is sent is not encrypted. */
  readonly tls?: ServerTls | undefined;
  readonly identity: Identity;
  /** Throws RATE_LIMITED for a caller with too many calls; absent = any number is passed on. */
  readonly limit?: { check(caller: Caller): void } | undefined;
  /** Where refusals are written down; absent = nowhere. */
  readonly audit?: Audit | undefined;
  /** What watches the calls of a method, by path; undefined = nothing does. */
  readonly watchOf: (path: string) => MethodWatch | undefined;
  /** The roles by their names. */
  readonly roles: ReadonlyMap<string, RoleTargets>;
  /** The server of this process, with the services of gRPC itself (health, reflection); it makes out their callers. */
  readonly own: RoleTargets;
  /** Unary methods that the proxy answers itself, by path. */
  readonly answers: ReadonlyMap<string, (caller: Caller) => Uint8Array>;
  /** The token that this process shows to roles; undefined = it has none. */
  readonly credential: () => string | undefined;
  readonly maxStreamsPerConnection: number;
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  /** How long `stop` waits for calls. */
  readonly shutdownGraceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}
