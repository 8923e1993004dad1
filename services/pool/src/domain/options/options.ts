/** What a pool may do: an operator sets it, in the file or by SetPoolState. */
export const POOL_STATES = ['ACTIVE', 'PAUSED', 'DRAINING', 'EVACUATING'] as const;

/**
 * - ACTIVE: starts resources as they are needed.
 * - PAUSED: starts nothing; what is there stays and is lent.
 * - DRAINING: starts nothing; free resources are deleted, leased ones after their lease.
 * - EVACUATING: like DRAINING, and leases are ended too.
 */
export type PoolState = (typeof POOL_STATES)[number];

/** The commands of a pool: `cmd_new`, `cmd_delete` … */
export const HOOKS = ['new', 'delete', 'release', 'livecheck', 'list'] as const;
export type Hook = (typeof HOOKS)[number];

/** A text for `sh -c`, or a program with its arguments. */
export type HookCommand = string | readonly [string, ...string[]];

/** A word that resources have and tickets ask for; the bench's attribute of this name, with the priority as its weight. */
export interface Tag {
  readonly name: string;
  /** Among what has the tags that a ticket asks for, the highest sum of their priorities wins. A whole number, also below 0. */
  readonly priority: number;
}

/**
 * The options of a pool, each with a value: what the file says, or the default. The name in the file stands in parentheses
 * where it differs by more than its spelling. Spans are in milliseconds, sizes in bytes.
 */
export interface PoolOptions {
  /** Its key in the file. A bench's origin is `pool/<name>`. */
  readonly name: string;
  /** For people. Default ''. */
  readonly description: string;
  /** The lab of its benches. Default `default`. */
  readonly lab: string;
  /** As the file says; what SetPoolState has set goes before it. Default ACTIVE. */
  readonly state: PoolState;
  /** The most rows that are not ENDED. At least 0. Default 4. */
  readonly max: number;
  /** The most rows that are STARTING. At least 0. Default 1. */
  readonly maxStarting: number;
  /** The most that are made ahead: UP and never leased, and STARTING for nobody. Default 2; 0 in a pool with `tagsOnDemand`. */
  readonly maxPrealloc: number;
  /** Between two starts; one that failed counts too. Default 0. */
  readonly startDelayMs: number;
  /** The commands (`cmd_new`, …). The first two are required. */
  readonly commands: {
    readonly new: HookCommand;
    readonly delete: HookCommand;
    readonly release?: HookCommand;
    readonly livecheck?: HookCommand;
    readonly list?: HookCommand;
  };
  /** Between two livechecks of a resource. Default 600 s. */
  readonly livecheckPeriodMs: number;
  /** After so many failures in a row a resource is deleted. At least 1. Default 3. */
  readonly livecheckAttempts: number;
  /** What its resources have. Default none. */
  readonly tags: readonly Tag[];
  /** What its resources have as well; only a request that asks for one of these starts one. Default none. */
  readonly tagsOnDemand: readonly Tag[];
  /** For so long a released resource waits for its sandbox (`reuse_opportunity_time`). Default 0: deleted after its lease. */
  readonly reuseOpportunityMs: number;
  /** The most re-uses of a resource after its first lease. Default 0: any number. */
  readonly reuseMaxCount: number;
  /** Since its first lease, after which a resource is not used again (`reuse_max_time`). Default 3600 s; 0: unlimited. */
  readonly reuseMaxMs: number;
  /** Numbers that each resource gets, the smallest that no resource of any pool has. Default none. */
  readonly namedCounters: readonly string[];
  /** What resources are called; it has `{id}` in it. Default `{pool_name}_{id}_{datetime}`. */
  readonly namePattern: string;
  /** The time that each command has from its start. Default: DEFAULT_TIMEOUTS_MS. */
  readonly timeoutsMs: Readonly<Record<Hook, number>>;
  /** The pauses after failures of `cmd_new` and `cmd_delete`: the first, the longest, and what each is longer than the one before. */
  readonly retry: { readonly initialMs: number; readonly maxMs: number; readonly factor: number };
  /** What `cmd_list` is run for. */
  readonly sweep: {
    /** Between two lists. Default 30 min. */
    readonly periodMs: number;
    /** What a name begins with that may be deleted. Default: what `namePattern` begins with. */
    readonly prefix: string;
    /** Between the two sights of a name after which it is deleted. Default 1 h. */
    readonly graceMs: number;
    /** The most that one list deletes. At least 0. Default 10. */
    readonly maxDeletions: number;
  };
  /** In a pool with `tagsOnDemand`: how long a resource that nobody wants or has had stays. Default 0. */
  readonly idleGraceMs: number;
  readonly env: {
    /** The variables of the server's own environment that commands get; `*` stands for any letters. */
    readonly pass: readonly string[];
    /** Further variables. Default none. */
    readonly set: Readonly<Record<string, string>>;
  };
  /** The user as which commands run; absent: the server's own. */
  readonly user?: string;
  /** Whether a command that is a text goes to `sh -c`; else it is the program, without arguments. Default true. */
  readonly shell: boolean;
  /** The most of the output of `cmd_new` that is kept as the resource's data. At most 12 KiB. Default 512. */
  readonly outputLimitBytes: number;
  /** The most of the output of a run that is kept as its log. Default 1 MiB. */
  readonly logLimitBytes: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const DEFAULT_TIMEOUTS_MS: Readonly<Record<Hook, number>> = {
  new: 30 * MINUTE_MS,
  delete: 10 * MINUTE_MS,
  release: 10 * MINUTE_MS,
  livecheck: MINUTE_MS,
  list: 2 * MINUTE_MS,
};

/** The values of a pool that says nothing but its commands; `sweep.prefix` follows from the name. */
export const DEFAULT_OPTIONS = {
  description: '',
  lab: 'default',
  state: 'ACTIVE',
  max: 4,
  maxStarting: 1,
  maxPrealloc: 2,
  startDelayMs: 0,
  livecheckPeriodMs: 600 * SECOND_MS,
  livecheckAttempts: 3,
  tags: [],
  tagsOnDemand: [],
  reuseOpportunityMs: 0,
  reuseMaxCount: 0,
  reuseMaxMs: 3600 * SECOND_MS,
  namedCounters: [],
  namePattern: '{pool_name}_{id}_{datetime}',
  timeoutsMs: DEFAULT_TIMEOUTS_MS,
  retry: { initialMs: 10 * SECOND_MS, maxMs: 10 * MINUTE_MS, factor: 2 },
  sweep: { periodMs: 30 * MINUTE_MS, prefix: '', graceMs: HOUR_MS, maxDeletions: 10 },
  idleGraceMs: 0,
  env: { pass: ['PATH', 'HOME', 'USER', 'LANG', 'TZ'], set: {} },
  shell: true,
  outputLimitBytes: 512,
  logLimitBytes: 1 << 20,
} as const satisfies Omit<PoolOptions, 'name' | 'commands'>;

/** All tags that resources of a pool are made with. */
export function allTags({ tags, tagsOnDemand }: Pick<PoolOptions, 'tags' | 'tagsOnDemand'>): readonly Tag[] {
  return [...tags, ...tagsOnDemand];
}

/** A command as it is run; undefined for one that the pool does not have. */
export function commandOf(
  { commands, shell }: Pick<PoolOptions, 'commands' | 'shell'>,
  hook: Hook,
): HookCommand | undefined {
  const command = commands[hook];
  return typeof command === 'string' && !shell ? [command] : command;
}
