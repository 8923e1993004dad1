import type { Berth } from '@berth/client';
import type { Caller } from '@berth/server';

/** Metadata by lower-case name; values of names that end in `-bin` are bytes. */
export type CallMetadata = Readonly<Record<string, string | Uint8Array>>;

/** How a client for a caller is made. */
export interface ClientOptions {
  /** True = on a connection of its own. */
  readonly own?: boolean;
  /** Goes with every call; a trace is passed on by itself. */
  readonly metadata?: CallMetadata | undefined;
}

/** Whom a raw call is made for, and how it ends early. */
export interface RawCallOptions {
  readonly caller: Caller;
  /** Hangs up when it aborts. */
  readonly signal: AbortSignal;
  /** The time that the call may take; the role is told. Absent = no limit. */
  readonly deadlineMs?: number | undefined;
  /** Further metadata; a trace is passed on by itself. */
  readonly metadata?: CallMetadata | undefined;
}

/** The roles (lease, tracker, pool, booking), as a client at the gRPC address of this process sees them. */
export interface Roles {
  /**
   * A client whose calls are made for this caller. Clients share one connection, unless `own` asks for one: a stream whose
   * reader may hang up needs its own, since a server cuts a connection after many hang-ups. `close` ends the calls of a client
   * with its own connection, and this; to another it does nothing.
   */
  for(caller: Caller, options?: ClientOptions): Berth;
  /**
   * Calls a method with one request and one answer by its path (`/berth.lease.v1.LeaseService/Release`), with messages as
   * bytes. Throws the `ServiceError` of grpc-js (code, details, metadata), or the signal's reason.
   */
  unary(path: string, request: Uint8Array, options: RawCallOptions): Promise<Uint8Array>;
  /**
   * Calls any method in the same way, on a connection of its own, and gives the answers as they come. Leaving the loop hangs
   * up. Throws as `unary` does, and what the requests threw.
   */
  stream(
    path: string,
    requests: Uint8Array | AsyncIterable<Uint8Array>,
    options: RawCallOptions,
  ): AsyncGenerator<Uint8Array, void>;
}
