import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../program/usage-error.js';

/** A command with a parent between it and this process. */
export interface ReportedCommand {
  /** The command's own process. */
  readonly pid: number;
  /** Its parent; with `detached` it leads the group of both. */
  readonly parentPid: number;
  /** Lets the command begin: until then, and when this process dies before, nothing of it runs. */
  readonly go: () => void;
  /** The command's exit code, 128 + n when signal n ended it; undefined when the parent was killed before it could tell. */
  readonly exited: Promise<number | undefined>;
}

/**
 * The parent: it outlives the signals that end the command, and tells the command's number, then its status, on descriptor 3.
 * What a shell would say of a signal ("Terminated") is not said.
 */
const PARENT = `
trap : HUP INT QUIT TERM USR1 USR2 ALRM
start=$1
shift
exec 5>&2 2>/dev/null
(exec /bin/sh -c "$start" berth "$@" 2>&5 5>&-)
echo "$?" >&3`;

/**
 * The command's process before it becomes the command: waits for the word on descriptor 4; end-of-file there means that the
 * wrapper is gone. Its first argument is how many variables are carried.
 */
const START = `
echo $$ >&3
read -r go <&4 || exit
exec 3>&- 4<&-
carried=$1
shift
[ "$carried" = 0 ] && exec "$@"
while [ "$carried" -gt 0 ]; do
  eval "set -- \\"\\$BERTH_CARRIED_$carried\\" \\"\\$@\\""
  unset "BERTH_CARRIED_$carried"
  carried=$((carried - 1))
done
exec env "$@"`;

/** Variables that a shell hands on as they are: others have names that it drops, or belong to the shell itself. */
const HANDED_ON = /^(?!(?:BASH\w*|E?UID|GROUPS|IFS|LINENO|OPTIND|PPID|PS\d|SECONDS|SHELLOPTS)$)[A-Za-z_]\w*$/;

/**
 * Starts a command under a parent that sees how it ended: Node takes a death by a signal that has no name (32 to 64) for exit
 * code 0. Its input, outputs and environment are exact. Throws `UsageError` when it cannot be started.
 */
export async function startReported(
  words: readonly [string, ...string[]],
  env: Readonly<NodeJS.ProcessEnv>,
  detached: boolean,
): Promise<ReportedCommand> {
  const entries = Object.entries(env);
  const carried = entries.filter(([name]) => !HANDED_ON.test(name)).map((entry) => entry.join('='));
  const variables = Object.fromEntries([
    ...entries.filter(([name]) => HANDED_ON.test(name)),
    ...carried.map((text, i) => [`BERTH_CARRIED_${String(i + 1)}`, text]),
  ]) as NodeJS.ProcessEnv;
  const args = ['-c', PARENT, 'berth', START, String(carried.length), ...words];
  try {
    const parent = spawn('/bin/sh', args, {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe'],
      env: variables,
      detached,
    });
    return await reportsOf(parent);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'E2BIG' ? 'its arguments and variables are too long together' : message;
    throw new UsageError(`${words[0]} cannot be run: ${why}`, 'check the command after --; nothing was run');
  }
}

function reportsOf(parent: ChildProcess): Promise<ReportedCommand> {
  return new Promise((resolve, reject) => {
    let text = '';
    let end: (status: number | undefined) => void;
    const exited = new Promise<number | undefined>((ended) => (end = ended));
    const reports = parent.stdio[3] as Readable;
    const gate = parent.stdio[4] as Writable;
    // The process behind it may have been killed.
    gate.on('error', () => undefined);
    const go = (): void => {
      gate.end('go\n');
    };
    reports.on('data', (data: Buffer) => {
      text += data.toString();
      const pid = /^(\d+)\n/.exec(text)?.[1];
      if (pid !== undefined) resolve({ pid: Number(pid), parentPid: parent.pid ?? 0, go, exited });
    });
    reports.once('close', () => {
      const status = /\n(\d+)\n/.exec(text)?.[1];
      end(status === undefined ? undefined : Number(status));
      reject(new Error('the process in which it was to run was killed'));
    });
    parent.once('error', reject);
  });
}
