import {
  attributeNameFault,
  DAY_MS,
  labFault,
  MAX_ATTRIBUTES,
  MAX_NAME,
  proseFault,
  quoted,
  SECOND_MS,
  sizeFault,
  tooLong,
  weightFault,
} from '@berth/server';
import { z } from 'zod';
import type { HookCommand, Tag } from '../../domain/options/options.js';
import { DEFAULT_OPTIONS, HOOKS, POOL_STATES } from '../../domain/options/options.js';
import { patternFault } from '../../domain/options/name-pattern.js';
import { foundText, inQuotes, list, number, readText, size, text, truth, valueOf, whole, word } from './values.js';

const MANY = 10_000;
const MAX_SPAN_MS = 365 * DAY_MS;
const MAX_TIMEOUT_MS = 7 * DAY_MS;
/** So that base64 of the data is no longer than a property may be. */
const MAX_OUTPUT_BYTES = 12 * 1024;
const MAX_LOG_BYTES = 64 << 20;
const MAX_COMMAND = 16_384;
const MAX_COUNTERS = 16;
const MAX_PATTERNS = 64;
const MAX_VARIABLES_BYTES = 64 * 1024;

const COUNTER = /^\w{1,64}$/;
const VARIABLE = /^[A-Za-z_]\w*$/;
const VARIABLES = /^[A-Za-z_*][\w*]*$/;
const USER = /^[A-Za-z_][\w.-]{0,31}$/;

type SpanToMs = (text: string) => number;

/** The options of one pool as they stand in the file, each with its default; spans and sizes as milliseconds and bytes. */
export function poolSchema(spanToMs: SpanToMs) {
  const span = (minMs: number, maxMs = MAX_SPAN_MS) => spanSchema(spanToMs, minMs, maxMs);
  const D = DEFAULT_OPTIONS;
  const timeout = Object.fromEntries(HOOKS.map((hook) => [hook, span(1, MAX_TIMEOUT_MS).default(D.timeoutsMs[hook])]));
  return z.strictObject({
    description: text(proseFault).default(D.description),
    lab: text(labFault).default(D.lab),
    state: word(POOL_STATES).default(D.state),
    max: whole(0, MANY).default(D.max),
    max_starting: whole(0, MANY).default(D.maxStarting),
    max_prealloc: whole(0, MANY).optional(),
    start_delay: span(0).default(D.startDelayMs),
    cmd_new: command().optional(),
    cmd_delete: command().optional(),
    cmd_release: command().optional(),
    cmd_livecheck: command().optional(),
    cmd_list: command().optional(),
    livecheck_period: span(1).default(D.livecheckPeriodMs),
    livecheck_attempts: whole(1, MANY).default(D.livecheckAttempts),
    tags: tags().default(D.tags),
    tags_on_demand: tags().default(D.tagsOnDemand),
    reuse_opportunity_time: span(0).default(D.reuseOpportunityMs),
    reuse_max_count: whole(0, 1_000_000).default(D.reuseMaxCount),
    reuse_max_time: span(0).default(D.reuseMaxMs),
    named_counters: list(MAX_COUNTERS, (found) => readText(found, counterFault), String).default(D.namedCounters),
    name_pattern: text(patternFault).default(D.namePattern),
    timeouts: z.strictObject(timeout).prefault({}),
    retry: z
      .strictObject({
        initial: span(1).default(D.retry.initialMs),
        max: span(1).default(D.retry.maxMs),
        factor: number(1, 100).default(D.retry.factor),
      })
      .prefault({}),
    sweep: z
      .strictObject({
        period: span(1).default(D.sweep.periodMs),
        prefix: text((found) => (found.length > MAX_NAME ? tooLong(found, MAX_NAME) : undefined)).optional(),
        grace: span(0).default(D.sweep.graceMs),
        max_deletions: whole(0, MANY).default(D.sweep.maxDeletions),
      })
      .prefault({}),
    idle_grace: span(0).default(D.idleGraceMs),
    env: z
      .strictObject({
        pass: list(MAX_PATTERNS, (found) => readText(found, passFault), String).default(D.env.pass),
        set: variables().default(D.env.set),
      })
      .prefault({}),
    user: text((found) => (USER.test(found) ? undefined : `is ${quoted(found)}; a user's name is expected`)).optional(),
    shell: truth().default(D.shell),
    output_limit: size(0, MAX_OUTPUT_BYTES).default(D.outputLimitBytes),
    log_limit: size(1024, MAX_LOG_BYTES).default(D.logLimitBytes),
  });
}

export type GivenPool = z.output<ReturnType<typeof poolSchema>>;

/** Milliseconds of a number of seconds, or of a text such as 10m. */
function spanSchema(spanToMs: SpanToMs, minMs: number, maxMs: number) {
  const limits = `${minMs === 0 ? 'no less than 0' : 'more than 0'}, at most ${maxMs / DAY_MS} days`;
  const expected = `seconds as a number, or a text with units (90s, 10m, 1h30m) are expected, ${limits}`;
  return valueOf((found) => {
    const ms = typeof found === 'number' ? found * SECOND_MS : msOf(found, spanToMs);
    const good = ms !== undefined && ms >= minMs && ms <= maxMs;
    return good ? { value: Math.round(ms) } : { fault: `${foundText(found)}; ${expected}` };
  });
}

function msOf(found: unknown, spanToMs: SpanToMs): number | undefined {
  try {
    return typeof found === 'string' ? spanToMs(found) : undefined;
  } catch {
    return undefined;
  }
}

function command() {
  const expected = 'a text for the shell, or a list of the program and its arguments, is expected';
  return valueOf<HookCommand>((found) => {
    const words: unknown = typeof found === 'string' ? [found] : found;
    if (!Array.isArray(words) || words.length === 0)
      return { fault: `${foundText(found)}; ${expected}${inQuotes(found)}` };
    const at = words.findIndex((one) => typeof one !== 'string');
    if (at >= 0) return { fault: `${foundText(words[at])}; a text is expected; write it in quotes`, path: [at] };
    const [program, ...args] = words as [string, ...string[]];
    if (program.trim() === '') return { fault: `is empty; ${expected}` };
    const all = [program, ...args].join(' ');
    if (all.length > MAX_COMMAND) return { fault: tooLong(all, MAX_COMMAND) };
    if (all.includes('\0')) return { fault: 'has a NUL character' };
    return { value: typeof found === 'string' ? found : [program, ...args] };
  });
}

function tags() {
  return list<Tag>(MAX_ATTRIBUTES, readTag, ({ name }) => name);
}

function readTag(found: unknown) {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    const name = readText(found, attributeNameFault);
    return 'value' in name ? { value: { name: name.value, priority: 0 } } : name;
  }
  const { name, priority = 0, ...others } = found as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    return { path: [other], fault: 'there is no such setting. Allowed here: name, priority' };
  }
  if (name === undefined) return { fault: "has no 'name'; write { name: a, priority: 1 }" };
  const read = readText(name, attributeNameFault);
  if ('fault' in read) return { ...read, path: ['name'] };
  if (typeof priority !== 'number')
    return { path: ['priority'], fault: `${foundText(priority)}; a number is expected` };
  const fault = weightFault(priority);
  return fault === undefined ? { value: { name: read.value, priority } } : { path: ['priority'], fault };
}

function variables() {
  return valueOf<Readonly<Record<string, string>>>((found) => {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) {
      return { fault: `${foundText(found)}; a mapping of variables ('{}' for none) is expected` };
    }
    const entries = Object.entries(found as Readonly<Record<string, unknown>>);
    for (const [name, value] of entries) {
      const fault = variableFault(name);
      if (fault !== undefined) return { path: [name], fault };
      const read = readText(value, (one) => (one.includes('\0') ? 'has a NUL character' : undefined));
      if ('fault' in read) return { ...read, path: [name] };
    }
    const fault = sizeFault(found, MAX_VARIABLES_BYTES);
    return fault === undefined ? { value: found as Readonly<Record<string, string>> } : { fault };
  });
}

function variableFault(name: string): string | undefined {
  if (!VARIABLE.test(name)) return `is not the name of a variable; letters, digits and '_' are allowed`;
  return /^(BERTH|RESALLOC)_/.test(name) ? 'is for what Berth tells commands; choose another name' : undefined;
}

function passFault(found: string): string | undefined {
  return VARIABLES.test(found)
    ? undefined
    : `is ${quoted(found)}; the name of a variable, or a pattern like AWS_*, is expected`;
}

function counterFault(found: string): string | undefined {
  return COUNTER.test(found) ? undefined : `is ${quoted(found)}; 1 to 64 letters, digits and '_' are allowed`;
}
