import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process by its number and its start, since numbers are used again; to be stored. */
export interface StoredProcess {
  readonly pid: number;
  readonly startTime: string;
}

/** The time that a group has between SIGTERM and SIGKILL. */
const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;

/** The start of a process, in a form that differs for every process that ever had its number; undefined when it is gone. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform !== 'linux') {
      const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
      return stdout.trim();
    }
    // The ticks count from the boot of the machine. The name before them may have any character in it.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${boot.trim()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

/**
 * Ends the group of a gate that an earlier life of this program started: SIGTERM, and SIGKILL after 5 s. Resolves to false,
 * and has done nothing, when that process is gone; also when its number belongs to another one by now.
 */
export async function killStored({ pid, startTime }: StoredProcess): Promise<boolean> {
  const lives = async (): Promise<boolean> => (await startTimeOf(pid)) === startTime;
  if (!(await lives())) return false;
  signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < GRACE_MS && (await lives()); waitedMs += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
  if (await lives()) signalGroup(pid, 'SIGKILL');
  return true;
}

/** Signals the processes of a group, if there are any. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // They have ended.
  }
}
