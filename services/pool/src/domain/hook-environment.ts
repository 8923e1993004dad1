import type { Hook } from './options/options.js';

/** A command that is to be run for a resource. */
export interface HookRun {
  readonly hook: Exclude<Hook, 'list'>;
  /** The resource's number; 0 for something that no row is named, of which nothing but its name is known. */
  readonly number: number;
  readonly name: string;
  readonly pool: string;
  readonly idInPool?: number;
  readonly counters?: Readonly<Record<string, number>>;
  /** What `cmd_new` printed, in base64; not told to `cmd_new` itself. */
  readonly data?: string;
  /** The lease that it is run for, or that the resource had last. */
  readonly lease?: { readonly id: string; readonly fencingToken: number } | undefined;
  /** The n of its idempotency key: rises when an outcome is known. */
  readonly attempt: number;
}

/** The variables that a command is told its resource with: as resalloc names them, and the same with BERTH for RESALLOC. */
export function hookVariables({ hook, lease, attempt, ...resource }: HookRun): Readonly<Record<string, string>> {
  const { number, name, pool, idInPool, counters = {}, data } = resource;
  const known = number > 0;
  return {
    ...twice({
      ID: String(number),
      NAME: name,
      POOL_ID: pool,
      ...(idInPool !== undefined && { ID_IN_POOL: String(idInPool) }),
      ...Object.fromEntries(Object.entries(counters).map(([counter, n]) => [`NAMED_COUNTER_${counter}`, String(n)])),
      ...(hook !== 'new' && data !== undefined && { RESOURCE_DATA: data }),
    }),
    ...(lease && { BERTH_LEASE_ID: lease.id, BERTH_FENCING_TOKEN: String(lease.fencingToken) }),
    ...(known && { BERTH_IDEMPOTENCY_KEY: `${number}/${hook}/${attempt}` }),
  };
}

/** The variables of `cmd_list`. */
export function listVariables(pool: string): Readonly<Record<string, string>> {
  return twice({ POOL_ID: pool });
}

function twice(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = (prefix: string) => Object.entries(variables).map(([name, value]) => [prefix + name, value] as const);
  return Object.fromEntries([...named('RESALLOC_'), ...named('BERTH_')]);
}
