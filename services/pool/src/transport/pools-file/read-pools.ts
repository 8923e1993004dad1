import type { BerthError } from '@berth/kernel';
import type { FileFault, YamlFile } from '@berth/server';
import { invalidConfig, MAX_ATTRIBUTES, nameFault, parseYamlText, schemaFaults, tooLong } from '@berth/server';
import type { z } from 'zod';
import { literalStart, makeName } from '../../domain/options/name-pattern.js';
import type { Hook, PoolOptions } from '../../domain/options/options.js';
import { DEFAULT_OPTIONS, HOOKS } from '../../domain/options/options.js';
import { tagClashes } from '../../domain/options/tag-clashes.js';
import type { GivenPool } from './pool-schema.js';
import { poolSchema } from './pool-schema.js';
import { foundText } from './values.js';

/** What a file of pools says; no pools when it has faults. */
export interface ReadPools {
  /** In the order of the file. */
  readonly pools: readonly PoolOptions[];
  readonly faults: readonly FileFault[];
  /** What is allowed but hardly meant: `pools.yaml:3:5: a.max_prealloc: …`. */
  readonly warnings: readonly string[];
}

type Schema = ReturnType<typeof poolSchema>;
type Path = Parameters<YamlFile['locate']>[0];
type AddFault = (path: Path, message: string) => void;

/** What it is called in messages. */
export const POOLS_FILE = 'the file of pools';

const READING = {
  maxBytes: 900 * 1024,
  // As resalloc reads them.
  mergeKeys: true,
  hints: { bytes: '', documents: ' (write all pools into one)' },
};
const MAX_POOLS = 1000;
const MAX_POOL_NAME = 100;
const MAX_TOLD = 100;
/** Names with numbers of up to so many digits must be good names. */
const LARGE_NUMBER = 9_999_999_999;

/** Reads the text of a file of pools; `file` is what it is called in faults. */
export async function readPools(text: string, file: string): Promise<ReadPools> {
  const { spanToMs } = await import('@berth/client');
  const yaml = parseYamlText(text, file, READING);
  const { locate } = yaml;
  const faults = [...yaml.faults];
  const warnings: string[] = [];
  const fault: AddFault = (path, message) => {
    faults.push({ where: locate(path), path: path.join('.'), message });
  };
  if (faults.length > 0) return { pools: [], faults, warnings };
  const entries = entriesOf(yaml.value, fault);
  const schema = poolSchema(spanToMs);
  const pools = entries.map(([name, given]) => {
    const wrong = poolNameFault(name);
    if (wrong !== undefined) fault([name], `the pool's name ${wrong}`);
    const parsed = schema.safeParse(given);
    if (parsed.success) return optionsOf(name, parsed.data, fault);
    faults.push(...faultsIn(name, parsed.error, schema, locate));
    checkCommands(name, given, fault);
    return undefined;
  });
  for (const { tag, onDemand, always } of tagClashes(entries.map(([name, given]) => tagsOf(name, given, schema)))) {
    const other = locate([onDemand.pool, 'tags_on_demand', onDemand.at]);
    const what = `'${tag}' is a tag on demand of pool '${onDemand.pool}' (${other}); make it one or the other in all pools`;
    fault([always.pool, 'tags', always.at], what);
  }
  if (faults.length > 0) return { pools: [], faults: inOrder(faults), warnings };
  const good = pools.filter((pool) => pool !== undefined);
  for (const [name, given] of entries) {
    const onDemand = good.some((pool) => pool.name === name && pool.tagsOnDemand.length > 0);
    if (!onDemand || !('max_prealloc' in given)) continue;
    const path = [name, 'max_prealloc'];
    warnings.push(`${locate(path)}: ${path.join('.')}: counts as 0, since the pool has tags_on_demand`);
  }
  return { pools: good, faults, warnings };
}

/** INVALID_POOLS that names the faults. */
export function invalidPools(faults: readonly FileFault[]): BerthError {
  const told = faults.slice(0, MAX_TOLD);
  const more = { where: 'and so on', path: '', message: `${faults.length - MAX_TOLD} more` };
  return invalidConfig(
    faults.length > MAX_TOLD ? [...told, more] : told,
    POOLS_FILE,
    'the pools in force stay as they were',
    'INVALID_POOLS',
  );
}

function entriesOf(value: unknown, fault: AddFault): readonly (readonly [string, object])[] {
  // An empty file has no pools.
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    fault([], `${foundText(value)}; a mapping of pools by name is expected`);
    return [];
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_POOLS) fault([], `has ${entries.length} pools; at most ${MAX_POOLS} are allowed`);
  return entries.slice(0, MAX_POOLS).filter((entry): entry is [string, object] => {
    const [name, given] = entry as [string, unknown];
    const isPool = typeof given === 'object' && given !== null && !Array.isArray(given);
    if (!isPool) fault([name], `${foundText(given)}; a mapping of options (cmd_new, cmd_delete …) is expected`);
    return isPool;
  });
}

function poolNameFault(name: string): string | undefined {
  return name.length > MAX_POOL_NAME ? tooLong(name, MAX_POOL_NAME) : nameFault(name);
}

/** The tags of a pool, whatever else is wrong with it. */
function tagsOf(name: string, given: object, { shape }: Schema): Pick<PoolOptions, 'name' | 'tags' | 'tagsOnDemand'> {
  const { tags, tags_on_demand } = given as Readonly<Record<string, unknown>>;
  const read = (schema: Schema['shape']['tags'], found: unknown) => schema.safeParse(found).data ?? [];
  return { name, tags: read(shape.tags, tags), tagsOnDemand: read(shape.tags_on_demand, tags_on_demand) };
}

/** Faults by line and column. */
function inOrder(faults: readonly FileFault[]): readonly FileFault[] {
  const placeOf = ({ where }: FileFault) => where.split(':').slice(-2).map(Number);
  return faults.toSorted((a, b) => {
    const [[line = 0, column = 0], [otherLine = 0, otherColumn = 0]] = [placeOf(a), placeOf(b)];
    return line - otherLine || column - otherColumn;
  });
}

function faultsIn(name: string, error: z.core.$ZodError, schema: Schema, locate: YamlFile['locate']): FileFault[] {
  const below = schemaFaults(schema, error, (path) => locate([name, ...path]));
  return below.map((found) => ({ ...found, path: `${name}.${found.path}` }));
}

function checkCommands(pool: string, given: object, fault: AddFault): void {
  for (const key of ['cmd_new', 'cmd_delete']) {
    if (!(key in given)) fault([pool], `has no '${key}'; a pool has at least the commands cmd_new and cmd_delete`);
  }
}

/** The options that a pool of the right shape has, with the faults of options that do not go together. */
function optionsOf(name: string, given: GivenPool, fault: AddFault): PoolOptions {
  const { retry, sweep, env, user } = given;
  const commands = commandsOf(name, given, fault);
  if (retry.max < retry.initial) fault([name, 'retry', 'max'], 'is less than retry.initial; make it at least as long');
  const tags = given.tags.length + given.tags_on_demand.length;
  if (tags > MAX_ATTRIBUTES) fault([name], `has ${tags} tags; at most ${MAX_ATTRIBUTES} are allowed`);
  checkNames(name, given, fault);
  const onDemand = given.tags_on_demand.length > 0;
  return {
    name,
    description: given.description,
    lab: given.lab,
    state: given.state,
    max: given.max,
    maxStarting: given.max_starting,
    maxPrealloc: onDemand ? 0 : (given.max_prealloc ?? DEFAULT_OPTIONS.maxPrealloc),
    startDelayMs: given.start_delay,
    commands,
    livecheckPeriodMs: given.livecheck_period,
    livecheckAttempts: given.livecheck_attempts,
    tags: given.tags,
    tagsOnDemand: given.tags_on_demand,
    reuseOpportunityMs: given.reuse_opportunity_time,
    reuseMaxCount: given.reuse_max_count,
    reuseMaxMs: given.reuse_max_time,
    namedCounters: given.named_counters,
    namePattern: given.name_pattern,
    timeoutsMs: given.timeouts as PoolOptions['timeoutsMs'],
    retry: { initialMs: retry.initial, maxMs: retry.max, factor: retry.factor },
    sweep: {
      periodMs: sweep.period,
      prefix: sweep.prefix ?? literalStart(given.name_pattern, name),
      graceMs: sweep.grace,
      maxDeletions: sweep.max_deletions,
    },
    idleGraceMs: given.idle_grace,
    env,
    ...(user !== undefined && { user }),
    shell: given.shell,
    outputLimitBytes: given.output_limit,
    logLimitBytes: given.log_limit,
  };
}

function commandsOf(pool: string, given: GivenPool, fault: AddFault): PoolOptions['commands'] {
  checkCommands(pool, given, fault);
  const commands = HOOKS.flatMap((hook) => {
    const command = given[`cmd_${hook}`];
    if (typeof command === 'string' && !given.shell && /\s/.test(command)) {
      fault(
        [pool, `cmd_${hook}`],
        'has white space, and goes to no shell; write a list of the program and its arguments',
      );
    }
    return command === undefined ? [] : [[hook, command] as const];
  });
  return { new: '', delete: '', ...(Object.fromEntries(commands) as Partial<Record<Hook, string>>) };
}

/** The names that a pool gives: good names of benches, and such that a sweep can tell. */
function checkNames(name: string, { name_pattern: pattern, sweep, cmd_list: list }: GivenPool, fault: AddFault): void {
  const made = makeName(pattern, { poolName: name, number: LARGE_NUMBER, nowMs: 0 });
  const wrong = poolNameFault(name) === undefined ? nameFault(made) : undefined;
  if (wrong !== undefined) fault([name, 'name_pattern'], `makes names that no bench may have: such a name ${wrong}`);
  const start = literalStart(pattern, name);
  const prefix = sweep.prefix ?? start;
  if (list !== undefined && prefix === '') {
    const path = sweep.prefix === undefined ? ['cmd_list'] : ['sweep', 'prefix'];
    const why = 'cmd_list needs a prefix, or what belongs to others could be deleted';
    fault([name, ...path], `${why}; set sweep.prefix, or begin name_pattern with a text`);
  }
  if (!start.startsWith(prefix) && !prefix.startsWith(start)) {
    fault([name, 'sweep', 'prefix'], `is '${prefix}'; names of this pool begin with '${start}'`);
  }
}
