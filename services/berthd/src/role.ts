import type { Clock } from '@berth/kernel';
import type { GrpcServer, Logger, Part, ServedService } from '@berth/server';
import { ownAddress } from '@berth/server';
import type { BerthdConfig, RoleName } from './config.js';

/** What the roles of a process share. */
export interface Wiring {
  readonly config: BerthdConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly server: GrpcServer;
}

/** A role of this process: what it has open, and what is started after and stopped before that. */
export interface Role {
  /** Each is open already; stopping closes it. */
  readonly stores: readonly Part[];
  readonly service: Part;
}

/** Registers a role's services, and answers what tells their health. */
export function serveAll(server: GrpcServer, definitions: readonly ServedService[]): (works: boolean) => void {
  for (const definition of definitions) server.add(definition);
  const names = definitions.map(({ definition }) => definition.fullName);
  return (works) => {
    for (const name of names) server.health.set(name, works);
  };
}

/** Something that is open already. */
export function opened(name: string, thing: { readonly close: () => Promise<void> }): Part {
  return { name, start: () => Promise.resolve(), stop: () => thing.close() };
}

/**
 * Where another role is served: as configured, or by this process; undefined when nobody says. Roles talk over gRPC also
 * within one process, so that they may be taken apart.
 */
export function addressOf(role: RoleName, { config, server }: Wiring): (() => string) | undefined {
  const { address } = config[role];
  if (address !== undefined) return () => address;
  return config.roles.includes(role) ? () => ownAddress(server.address) : undefined;
}
