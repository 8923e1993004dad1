import type { ClientHttp2Session } from 'node:http2';

/** One process that serves a role. */
export interface RoleTarget {
  /** For messages: `10.0.0.5:7070`. */
  readonly name: string;
  /** What it last said of its health; undefined = it was not heard of yet. */
  readonly serving: boolean | undefined;
  /** It says goodbye on a connection: it stops, though its health may not have said so yet. */
  leaves(): void;
  /** Begins to connect. */
  connect(): ClientHttp2Session;
}

/** The processes that serve a role. */
export interface RoleTargets {
  readonly role: string;
  /** Whether one of them serves. */
  readonly isServing: boolean;
  /** Those to try, the best first; each call begins with another one of equally good ones. */
  candidates(): readonly RoleTarget[];
}
