import { constants } from 'node:os';
import { accountOf } from './account.js';
import type { Output } from './capped-output.js';
import { CappedOutput } from './capped-output.js';
import { commandEnvironment } from './command-environment.js';
import { gateScript } from './gate-script.js';
import { requireProgram } from './require-program.js';
import type { StoredProcess } from './stored-process.js';
import { startTimeOf } from './stored-process.js';
import type { Gate } from './supervisor.js';
import { startGate } from './supervisor.js';

export interface CommandOptions {
  /** A text for `sh -c`, or a program with its arguments. */
  readonly command: string | readonly string[];
  /** The command's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variables of this process that it gets; `*` stands for any letters. See USUAL_VARIABLES. */
  readonly pass: readonly string[];
  /** The time that it has from the start of its gate: what `started` takes counts. */
  readonly timeoutMs: number;
  /** The most that is kept of each output. */
  readonly outputBytes: number;
  /** Told what it writes, as it comes, whatever is kept of it. */
  readonly output?: ((stream: 'stdout' | 'stderr', chunk: Buffer) => void) | undefined;
  /** The user as which it runs, with the user's primary group alone; only for root. */
  readonly user?: string | undefined;
  /** Ends the command when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Stores the process; the command starts once this resolves. When it rejects, or this process dies before, nothing runs. */
  readonly started?: ((process: StoredProcess) => Promise<void>) | undefined;
}

export interface CommandResult {
  /** The exit code, 128 + n when signal n ended it; undefined when nothing was run. */
  readonly code: number | undefined;
  /** The reason for which it was ended, if it was; it may have an exit code of its own all the same. */
  readonly stopped: 'timeout' | 'aborted' | undefined;
  /** The way in which it failed, for people; undefined for exit code 0. */
  readonly fault: string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * Runs a command in a process group of its own, of which nothing is left when this resolves. What a command started ends with
 * it. After a timeout or an abort, and when this process is killed, all get SIGTERM, and SIGKILL 5 s later. Rejects only with
 * what `started` rejects with.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const { outputBytes, signal } = options;
  const kept = { stdout: new CappedOutput(outputBytes), stderr: new CappedOutput(outputBytes) };
  const result = (failure: string | undefined, code?: number, stopped = stopOf(signal)): CommandResult => {
    const why = stopped === 'timeout' ? `it took more than ${options.timeoutMs} ms` : stopped && reasonOf(signal);
    const fault = failure !== undefined && why !== undefined ? `${failure} (${why})` : failure;
    return { code, stopped, fault, stdout: kept.stdout.output(), stderr: kept.stderr.output() };
  };
  if (signal?.aborted === true) return result('was not started');
  let gate: Gate;
  let script: string;
  try {
    const { env, ...account } = await environmentOf(options);
    script = gateScript(options.command, env);
    gate = await startGate({ timeoutMs: options.timeoutMs, ...account }, (stream, chunk) => {
      kept[stream].add(chunk);
      options.output?.(stream, chunk);
    });
  } catch (error) {
    return result(`could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
  signal?.addEventListener('abort', gate.shut, { once: true });
  try {
    await passGate(gate, script, options);
    const { code = 128 + constants.signals.SIGKILL, begun, timedOut } = await gate.ended;
    const stopped = timedOut ? 'timeout' : stopOf(signal);
    return begun ? result(failureOf(code), code, stopped) : result('was not started', undefined, stopped);
  } finally {
    signal?.removeEventListener('abort', gate.shut);
  }
}

/** The variables of a command and the account as which it runs, if that is another one. Throws when one cannot be had, or there is no such program. */
async function environmentOf({ command, pass, variables, user }: CommandOptions) {
  const account = user === undefined ? undefined : await accountOf(user);
  const env: NodeJS.ProcessEnv = { ...commandEnvironment(pass), ...account?.variables, ...variables };
  if (typeof command !== 'string') await requireProgram(command[0] ?? '', env['PATH'] ?? '/usr/bin:/bin');
  return account === undefined ? { env } : { env, uid: account.uid, gid: account.gid };
}

/** Lets the command start once its process is stored, unless it may not start any more. */
async function passGate(gate: Gate, script: string, { signal, started }: CommandOptions): Promise<void> {
  try {
    const startTime = await startTimeOf(gate.pid);
    if (startTime !== undefined) await started?.({ pid: gate.pid, startTime });
    if (startTime !== undefined && signal?.aborted !== true) gate.open(script);
    else gate.shut();
  } catch (error) {
    gate.shut();
    await gate.ended;
    throw error;
  }
}

function stopOf(signal: AbortSignal | undefined): CommandResult['stopped'] {
  return signal?.aborted === true ? 'aborted' : undefined;
}

/** The reason for which a signal was aborted, for people. */
function reasonOf(signal: AbortSignal | undefined): string {
  return signal?.reason instanceof Error ? signal.reason.message : String(signal?.reason);
}

function failureOf(code: number): string | undefined {
  if (code === 0) return undefined;
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? `ended with code ${code}` : `was ended by ${signal}`;
}
