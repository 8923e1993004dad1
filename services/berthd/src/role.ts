import type { Clock } from '@berth/kernel';
import type { GrpcServer, HttpServer, ListenAddress, Logger, Part, PartSays, ServedService } from '@berth/server';
import { ownAddress } from '@berth/server';
import type { BerthdConfig, ServiceRole } from './config.js';
import type { Guards } from './guards.js';
import { reach } from './own-credentials.js';
import type { RoleCaller } from './role-client.js';
import { RoleClient } from './role-client.js';
import type { Stores } from './stores.js';
import type { Watching } from './watching.js';

/** What listens for gRPC: the server, or a proxy in front of it. */
export interface GrpcEntrance {
  /** Throws before `start`. */
  readonly address: ListenAddress;
  start(): Promise<unknown>;
  refuseCalls(): void;
  stop(): Promise<void>;
}

/** What the roles of a process share. */
export interface Wiring extends Pick<Guards, 'identity' | 'tls' | 'audit'>, Watching {
  readonly config: BerthdConfig;
  readonly log: Logger;
  readonly clock: Clock;
  /** The services of this process. */
  readonly server: GrpcServer;
  /** Where this process is called over gRPC. */
  readonly entrance: GrpcEntrance;
  /** The HTTP listener, for the routes of roles; undefined where this process serves no HTTP. */
  readonly http: HttpServer | undefined;
  readonly stores: Stores;
}

/** A role of this process. */
export interface Role {
  readonly service: Part;
  /** Begun once the process serves, so that it can ask the roles of this process too, and stopped before all else. */
  readonly work?: Part;
}

/** What tells the health of a role's parts; the role's services serve when all parts that they need work. */
export class RoleHealth {
  #names: readonly string[] = [];

  constructor(private readonly server: GrpcServer) {}

  /** A part that the role's services need. */
  part(name: string): PartSays {
    return this.server.health.part(name, () => this.#names);
  }

  /** A part without which they serve all the same: it is only told. */
  aside(name: string): PartSays {
    return this.server.health.part(name);
  }

  /** Registers the role's services. */
  serve(definitions: readonly ServedService[]): void {
    for (const definition of definitions) this.server.add(definition);
    this.#names = definitions.map(({ definition }) => definition.fullName);
  }
}

/**
 * The client of another role, which is served as configured, or by this process; undefined when nobody says where. Roles
 * talk in gRPC also within one process, though over no connection there, so that they may be taken apart.
 */
export function clientOf(role: ServiceRole, wiring: Wiring, caller: RoleCaller): RoleClient | undefined {
  const { config, identity, server } = wiring;
  const { address } = config[role];
  if (address !== undefined) return new RoleClient(() => reach(address, config), caller);
  if (!config.roles.includes(role)) return undefined;
  const { secret: token = '' } = identity;
  // The address is for messages; it throws before the process serves.
  return new RoleClient(() => ({ address: ownAddress(server.address), channel: server.localChannel(), token }), caller);
}
