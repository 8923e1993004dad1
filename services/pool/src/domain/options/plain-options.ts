import { literalStart } from './name-pattern.js';
import type { HookCommand, PoolOptions, Tag } from './options.js';
import { DEFAULT_OPTIONS, HOOKS } from './options.js';

/** A value as it stands in the file. */
export type PlainValue = string | number | boolean | readonly PlainValue[] | PlainOptions;
/** Options by their names in the file. */
export interface PlainOptions {
  readonly [option: string]: PlainValue;
}

const MINUTE_MS = 60_000;
const UNITS = [
  ['h', 60 * MINUTE_MS],
  ['m', MINUTE_MS],
  ['s', 1000],
  ['ms', 1],
] as const;

/** All options of a pool as they would stand in the file, defaults included. */
export function plainOptions(options: PoolOptions): PlainOptions {
  const { commands, retry, sweep, env } = options;
  const hooks = HOOKS.flatMap((hook) => {
    const command: HookCommand | undefined = commands[hook];
    return command === undefined ? [] : [[`cmd_${hook}`, command] as const];
  });
  return {
    ...(options.description !== '' && { description: options.description }),
    lab: options.lab,
    state: options.state.toLowerCase(),
    max: options.max,
    max_starting: options.maxStarting,
    ...(options.tagsOnDemand.length === 0 && { max_prealloc: options.maxPrealloc }),
    start_delay: options.startDelayMs / 1000,
    ...Object.fromEntries(hooks),
    livecheck_period: options.livecheckPeriodMs / 1000,
    livecheck_attempts: options.livecheckAttempts,
    tags: options.tags.map(plainTag),
    tags_on_demand: options.tagsOnDemand.map(plainTag),
    reuse_opportunity_time: options.reuseOpportunityMs / 1000,
    reuse_max_count: options.reuseMaxCount,
    reuse_max_time: options.reuseMaxMs / 1000,
    named_counters: options.namedCounters,
    name_pattern: options.namePattern,
    timeouts: Object.fromEntries(HOOKS.map((hook) => [hook, spanText(options.timeoutsMs[hook])])),
    retry: { initial: spanText(retry.initialMs), max: spanText(retry.maxMs), factor: retry.factor },
    sweep: {
      period: spanText(sweep.periodMs),
      prefix: sweep.prefix,
      grace: spanText(sweep.graceMs),
      max_deletions: sweep.maxDeletions,
    },
    idle_grace: spanText(options.idleGraceMs),
    env: { pass: env.pass, set: env.set },
    ...(options.user !== undefined && { user: options.user }),
    shell: options.shell,
    output_limit: options.outputLimitBytes,
    log_limit: options.logLimitBytes,
  };
}

/** The options of a pool as they would stand in the file, without those that are as they are by default. */
export function givenOptions(options: PoolOptions): PlainOptions {
  const { name, namePattern } = options;
  const prefix = literalStart(namePattern, name);
  const defaults = { ...DEFAULT_OPTIONS, name, commands: { new: '', delete: '' } };
  return without(plainOptions(options), plainOptions({ ...defaults, sweep: { ...defaults.sweep, prefix } }));
}

/** What is there and differs from the defaults; of mappings, each part for itself. */
function without(options: PlainOptions, defaults: PlainOptions): PlainOptions {
  const given = Object.entries(options).flatMap(([name, value]): readonly (readonly [string, PlainValue])[] => {
    const usual = defaults[name];
    if (JSON.stringify(value) === JSON.stringify(usual)) return [];
    return [[name, isMapping(value) && isMapping(usual) ? without(value, usual) : value]];
  });
  return Object.fromEntries(given);
}

export function isMapping(value: PlainValue | undefined): value is PlainOptions {
  return typeof value === 'object' && !Array.isArray(value);
}

function plainTag({ name, priority }: Tag): PlainValue {
  return priority === 0 ? name : { name, priority };
}

/** A span in the largest units that give it exactly: `1h30m`, `90ms`; 0 without a unit. */
function spanText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0' : text;
}
