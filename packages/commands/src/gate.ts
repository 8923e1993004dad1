import { spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { Account } from './account.js';
import { GATE_SCRIPT } from './gate-script.js';
import { signalGroup } from './stored-process.js';

/** The time that the last output has to arrive: a process that has left the group may hold the pipes for ever. */
const DRAIN_MS = 500;

/** A process that waits for the word to run a command, and is its parent then. It leads the group of all that is started. */
export interface Gate {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Lets the command start; false = the gate has ended before. */
  readonly open: () => boolean;
  /** Ends the command: SIGTERM, and SIGKILL after 5 s. A gate that was not opened runs nothing. */
  readonly shut: () => void;
  readonly ended: Promise<GateEnd>;
}

interface GateEnd {
  /** The command's exit code, 128 + n when signal n ended it; undefined when the gate ended before the command. */
  readonly code: number | undefined;
  /** True when its time was over. */
  readonly timedOut: boolean;
}

/** Starts a gate; it counts the command's time from now. Throws when there is no such program, or no room for a process. */
export async function startGate(
  words: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  timeoutMs: number,
  account: Account | undefined,
): Promise<Gate> {
  await requireProgram(words[0] ?? '', env['PATH'] ?? '/usr/bin:/bin');
  const gate = spawn('/bin/sh', ['-c', GATE_SCRIPT, 'berth-gate', String(timeoutMs / 1000), ...words], {
    detached: true,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  await once(gate, 'spawn');
  const { pid = 0 } = gate;
  const [, stdout, stderr, door] = gate.stdio as [null, Readable, Readable, Duplex, undefined];
  let said = '';
  door.on('data', (data: Buffer) => (said += String(data)));
  // The word to a gate that has ended.
  door.on('error', () => undefined);
  const [exited, closed, doorClosed] = [event(gate, 'exit'), event(gate, 'close'), event(door, 'close')];
  const end = async (): Promise<GateEnd> => {
    await exited;
    // A gate that was killed from outside has left its group.
    signalGroup(pid, 'SIGKILL');
    await doorClosed;
    await within(DRAIN_MS, closed);
    stdout.destroy();
    stderr.destroy();
    const code = /^\d+$/m.exec(said)?.[0];
    return { code: code === undefined ? undefined : Number(code), timedOut: said.includes('timeout') };
  };
  return {
    pid,
    stdout,
    stderr,
    open: () => {
      door.write('go\n');
      return gate.exitCode === null && gate.signalCode === null;
    },
    shut: () => {
      door.end();
    },
    ended: end(),
  };
}

/** Throws when there is no such program: a gate could only tell by an exit code that the program itself may have. */
async function requireProgram(name: string, path: string): Promise<void> {
  const files = name.includes('/') ? [name] : path.split(':').map((folder) => join(folder, name));
  const tries = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  if (tries.some(({ status }) => status === 'fulfilled')) return;
  const [refused] = tries;
  if (name.includes('/') && refused?.status === 'rejected') throw refused.reason;
  throw new Error(`ENOENT: there is no '${name}' in ${path}`);
}

/** Resolves with the event's first time, also when errors come before it. */
function event(emitter: EventEmitter, name: string): Promise<void> {
  return new Promise((resolve) => {
    emitter.once(name, () => {
      resolve();
    });
  });
}

/** Resolves with the promise, or after a time. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
