import type { Logger } from '@berth/kernel';
import type { HookOutcome } from '../domain/hook-outcome.js';
import type { HookRun } from '../domain/hook-environment.js';
import { hookVariables, listVariables } from '../domain/hook-environment.js';
import { dataOf } from '../domain/hook-output.js';
import type { PoolOptions } from '../domain/options/options.js';
import { commandOf } from '../domain/options/options.js';
import type { GroupLeader, Resource, ResourceHook } from '../domain/resource.js';
import type { CommandResult, CommandRunner, Output } from '../ports/command-runner.js';
import type { PoolMetrics } from './pool-metrics.js';
import type { NewRun, RunLogs } from './run-logs.js';

export interface HookContext {
  readonly runner: CommandRunner;
  readonly logs: RunLogs;
  readonly logger: Logger;
  /** Counts the commands; absent = nobody does. */
  readonly metrics?: PoolMetrics | undefined;
}

export interface HookCall {
  readonly row: Resource;
  readonly options: PoolOptions;
  readonly hook: ResourceHook;
  readonly attempt: number;
  /** Stores the processes of the command, which begins only when this resolves. */
  readonly started: (process: GroupLeader) => Promise<void>;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

/** What a failure tells of the output: its end. */
const TOLD_CHARS = 300;
const TOLD_BYTES = 4 * TOLD_CHARS;
/** The most that a list may have; one with more is cut, and nothing is concluded from it. */
const MAX_LIST_BYTES = 1 << 20;

/**
 * Runs a command of a pool for a resource; a command that the pool does not have is like one that does nothing. Rejects only with
 * what `started` rejects with: then nothing was run.
 */
export async function runHook(context: HookContext, call: HookCall): Promise<HookOutcome> {
  const { row, options, hook, attempt } = call;
  const { number, name, pool, idInPool, counters, data } = row;
  const run: HookRun = {
    hook,
    number,
    name,
    pool,
    idInPool,
    counters,
    data,
    lease: row.lease ?? row.lastLease,
    attempt,
  };
  const keptBytes = hook === 'new' ? Math.max(TOLD_BYTES, options.outputLimitBytes + 1) : TOLD_BYTES;
  const result = await runLogged(context, {
    ...{ run, options, keptBytes, variables: hookVariables(run) },
    ...{ started: call.started, signal: call.signal },
  });
  if (result === undefined) return { verdict: 'ok', fault: '', data: '' };
  const printed = hook === 'new' ? dataOf(beginningOf(result.stdout), options.outputLimitBytes) : new Uint8Array();
  return { verdict: verdictOf(result), fault: faultOf(result), data: Buffer.from(printed).toString('base64') };
}

/** Has something deleted that no row is named. */
export async function deleteStranger(
  context: HookContext,
  { options, name, signal }: { readonly options: PoolOptions; readonly name: string; readonly signal: AbortSignal },
): Promise<HookOutcome> {
  const run: HookRun = { hook: 'delete', number: 0, name, pool: options.name, attempt: 0 };
  const started = () => Promise.resolve();
  const call = { run, options, keptBytes: TOLD_BYTES, variables: hookVariables(run), started, signal };
  const result = await runLogged(context, call);
  return result === undefined
    ? { verdict: 'ok', fault: '', data: '' }
    : { verdict: verdictOf(result), fault: faultOf(result), data: '' };
}

/** What `cmd_list` of a pool printed; rejects when it failed, or printed more than a list may have. */
export async function runList(context: HookContext, options: PoolOptions, signal: AbortSignal): Promise<string> {
  const run: NewRun = { hook: 'list', number: 0, pool: options.name, attempt: 0 };
  const started = () => Promise.resolve();
  const variables = listVariables(options.name);
  const result = await runLogged(context, { run, options, keptBytes: MAX_LIST_BYTES / 2, variables, started, signal });
  if (result === undefined) return '';
  if (verdictOf(result) !== 'ok') throw new Error(`cmd_list ${faultOf(result)}`);
  if (result.stdout.leftOutBytes > 0) throw new Error(`cmd_list printed more than ${MAX_LIST_BYTES} bytes`);
  return Buffer.concat([result.stdout.head, result.stdout.tail]).toString();
}

interface LoggedCall {
  readonly run: NewRun;
  readonly options: PoolOptions;
  /** Of the beginning of each output, and of its end. */
  readonly keptBytes: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly started: HookCall['started'];
  readonly signal: AbortSignal;
}

/** Runs a command and keeps its log; undefined when the pool does not have it. */
async function runLogged(context: HookContext, call: LoggedCall): Promise<CommandResult | undefined> {
  const { run, options, keptBytes, variables, started, signal } = call;
  const command = commandOf(options, run.hook);
  if (command === undefined) return undefined;
  const { number, pool, hook, attempt } = run;
  const log = context.logs.begin({ number, pool, hook, attempt }, options.logLimitBytes);
  const counted = context.metrics?.begin(hook);
  try {
    const result = await context.runner.run({
      command,
      variables: { ...options.env.set, ...variables },
      pass: options.env.pass,
      timeoutMs: options.timeoutsMs[hook],
      outputBytes: 2 * keptBytes,
      user: options.user,
      signal,
      started,
      output: (_, chunk) => {
        log.add(chunk);
      },
    });
    const { code, fault = '' } = result;
    context.logs.end(log, { fault, ...(code !== undefined && { code }) });
    counted?.(verdictOf(result) === 'ok');
    return result;
  } catch (error) {
    context.logs.end(log, undefined);
    counted?.(false);
    throw error;
  }
}

function verdictOf({ code, stopped }: CommandResult): HookOutcome['verdict'] {
  if (stopped !== undefined) return 'unsure';
  if (code === 0) return 'ok';
  // Without a code nothing was run: there is no such program.
  return code === undefined || code < 128 ? 'failed' : 'unsure';
}

/** The way in which a command failed, with the end of what it wrote; '' when it did not fail. */
function faultOf(result: CommandResult): string {
  const {
    fault = result.stopped === undefined ? undefined : `ended well, but only when its ${STOPPED[result.stopped]}`,
  } = result;
  if (fault === undefined) return '';
  const written = [result.stdout, result.stderr].map(({ tail, head }) => `${String(tail.length > 0 ? tail : head)}\n`);
  return [fault, written.join('').slice(-TOLD_CHARS).trim()].filter(Boolean).join(': ');
}

const STOPPED = { timeout: 'time was over', aborted: 'server stopped it' } as const;

/** What an output begins with: all of it when nothing was left out. */
function beginningOf({ head, leftOutBytes, tail }: Output): Buffer {
  return leftOutBytes === 0 ? Buffer.concat([head, tail]) : head;
}
