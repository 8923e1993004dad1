import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { groupLives } from './group-lives.js';

/** A process by its number and its start, since numbers are used again; to be stored. */
export interface StoredProcess {
  readonly pid: number;
  readonly startTime: string;
}

/** The time that a group has between SIGTERM and SIGKILL. */
export const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;

/** The start of a process, in a form that differs for every process that ever had its number; undefined when it is gone. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform !== 'linux') {
      const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
      return stdout.trim();
    }
    // Nothing is waited for at these files. The name before the ticks may have any character in it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${bootId()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

/** The boot of the machine, from which the ticks of a process count. */
function bootId(): string {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    boot = '';
  }
  return boot;
}

/**
 * Ends the group of a command that an earlier life of this program started. Resolves to false, and has done nothing, when its
 * leader is gone; also when that number belongs to another process by now.
 */
export async function killStored({ pid, startTime }: StoredProcess): Promise<boolean> {
  if ((await startTimeOf(pid)) !== startTime) return false;
  await endGroup(pid);
  return true;
}

/** Ends a group: SIGTERM, and SIGKILL after 5 s; resolves when nothing of it is left, or that was sent. */
export async function endGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  signalGroup(pid, 'SIGCONT');
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += LOOK_EVERY_MS) {
    if (!groupLives(pid)) return;
    await sleep(LOOK_EVERY_MS);
  }
  signalGroup(pid, 'SIGKILL');
}

/** Signals the processes of a group, if there are any. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // They have ended.
  }
}
