import type { Berthd, BerthdOptions } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { berthdOf } from './engines.js';

export const SERVICE_ROLES = ['lease', 'tracker', 'pool', 'booking'] as const;

export interface BehindGateway {
  /** All roles in one process. */
  readonly roles: Berthd;
  readonly gateway: Berthd;
}

/** All roles in one process, and a gateway in front of it in another. Both log every call. */
export async function startBehindGateway(t: ExecutionContext, options: BerthdOptions = {}): Promise<BehindGateway> {
  const roles = await berthdOf(t, { ...options, settings: { roles: [...SERVICE_ROLES], ...LOG, ...options.settings } });
  return { roles, gateway: await gatewayTo(t, everyRole(roles.address)) };
}

/** A gateway to roles at these addresses. */
export function gatewayTo(
  t: ExecutionContext,
  addresses: Readonly<Record<string, string>>,
  options: BerthdOptions = {},
): Promise<Berthd> {
  const where = Object.entries(addresses).map(([role, address]) => [role, { address }] as const);
  return berthdOf(t, {
    ...options,
    settings: {
      roles: ['gateway'],
      ...(Object.fromEntries(where) as Record<string, object>),
      ...LOG,
      ...options.settings,
    },
  });
}

/** The same address for every role. */
export function everyRole(address: string): Readonly<Record<string, string>> {
  return Object.fromEntries(SERVICE_ROLES.map((role) => [role, address]));
}

/** The lines of the access log of a process for a method, in order: the code and the rest of it. */
export function callsIn({ log }: Berthd, method: string): readonly Readonly<Record<string, unknown>>[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"msg":"call"') && line.includes(`"method":"${method}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const LOG = { log: { format: 'json', access: 'all' } };
