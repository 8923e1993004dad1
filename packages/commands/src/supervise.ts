import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { News, Order, readFrames as reader } from './frames.js';

/** A command whose gate was started, until its leader has ended. */
interface Command {
  readonly pid: number;
  readonly child: ChildProcessWithoutNullStreams;
  /** Of its time; once it is to end, of what is left until SIGKILL. */
  timer: NodeJS.Timeout;
  begun: boolean;
  ending?: 'timeout' | 'told';
  killed: boolean;
}

/**
 * The program of a supervisor: starts commands as its caller tells it at descriptor 3, counts their time, and ends them; all of
 * them when the caller is gone. It runs as text in a process of its own, so it uses nothing but what is within it.
 *
 * A group keeps its number as long as one of it lives, so what a signal reaches is the command's: it is sent while the leader
 * was not reaped yet, or right after it was, and numbers come round only when all others have been used.
 */
export function supervise(readFrames: typeof reader, groupLives: (pid: number) => boolean, graceMs: number): void {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { Socket } = process.getBuiltinModule('node:net');
  const { constants } = process.getBuiltinModule('node:os');
  const { setTimeout: sleep } = process.getBuiltinModule('node:timers/promises');
  /** The longest time that a timer of Node.js counts. */
  const longestMs = 2 ** 31 - 1;
  /** How long the last output may take: a process that has left the group may hold the pipes for ever. */
  const drainMs = 500;
  const lookMs = 50;
  const commands = new Map<number, Command>();
  /** Outputs that wait until the caller has taken what it was told. */
  const waiting = new Set<Readable>();
  /** A gate that nobody has asked for yet: a command need not wait for the start of its shell. */
  let spare: ChildProcessWithoutNullStreams | undefined;
  const caller = new Socket({ fd: 3, readable: true, writable: true });

  // It ends with its caller, also where a signal goes to all processes of a service.
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);
  const take = readFrames((order: Order) => {
    if (order.do === 'start') start(order);
    else if (order.do === 'begin') begin(commands.get(order.id), order.script);
    else end(commands.get(order.id), 'told');
  });
  caller.on('data', take);
  caller.on('drain', () => {
    for (const output of waiting) output.resume();
    waiting.clear();
  });
  caller.on('error', () => undefined);
  caller.on('close', () => {
    for (const output of waiting) output.resume();
    waiting.clear();
    spare?.stdin.end();
    for (const command of commands.values()) end(command, 'told');
  });

  /** False when the caller has to take something first. */
  function tell(news: News, bytes?: Buffer): boolean {
    if (caller.destroyed) return true;
    const line = `${JSON.stringify(news)}\n`;
    if (bytes === undefined) return caller.write(line);
    caller.cork();
    caller.write(line);
    const flows = caller.write(bytes);
    caller.uncork();
    return flows;
  }

  /** A shell that waits for its script, in a group and session of its own. Without it, or when its input is closed, it ends. */
  function newGate(account?: { readonly uid: number; readonly gid: number }): ChildProcessWithoutNullStreams {
    return spawn('/bin/sh', [], { argv0: 'sh', env: {}, detached: true, ...account });
  }

  function takeSpare(): ChildProcessWithoutNullStreams | undefined {
    const taken = spare;
    spare = undefined;
    return taken?.exitCode === null && taken.signalCode === null ? taken : undefined;
  }

  function start({ id, timeoutMs, uid, gid }: Order & { readonly do: 'start' }): void {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = uid !== undefined && gid !== undefined ? newGate({ uid, gid }) : (takeSpare() ?? newGate());
    } catch (error) {
      tell({ id, failed: error instanceof Error ? error.message : String(error) });
      return;
    }
    const { pid } = child;
    child.on('error', ({ message }) => {
      if (pid === undefined) tell({ id, failed: message });
    });
    if (pid === undefined) return;
    const timer = setTimeout(
      () => {
        end(command, 'timeout');
      },
      Math.min(timeoutMs, longestMs),
    );
    const command: Command = { pid, child, timer, begun: false, killed: false };
    commands.set(id, command);
    // The word to a gate that has ended.
    child.stdin.on('error', () => undefined);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        if (tell({ id, stream, bytes: chunk.length }, chunk)) return;
        child[stream].pause();
        waiting.add(child[stream]);
      });
    }
    const closed = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    child.once('exit', (code, name) => {
      commands.delete(id);
      void finish(command, closed).then(() => {
        const { begun, ending } = command;
        tell({ id, code: code ?? 128 + constants.signals[name ?? 'SIGKILL'], begun, timedOut: ending === 'timeout' });
        setImmediate(keepSpare);
      });
    });
    tell({ id, pid });
  }

  function keepSpare(): void {
    if (spare !== undefined || caller.destroyed) return;
    try {
      spare = newGate();
      spare.on('error', () => undefined);
      spare.stdin.on('error', () => undefined);
    } catch {
      // There is no room for it now.
    }
  }

  function begin(command: Command | undefined, script: string): void {
    if (command === undefined || command.ending !== undefined) return;
    command.begun = true;
    command.child.stdin.end(script);
  }

  /** Ends the group of a command; one that has not begun never begins. */
  function end(command: Command | undefined, why: 'timeout' | 'told'): void {
    if (command === undefined || command.ending !== undefined) return;
    command.ending = why;
    clearTimeout(command.timer);
    signal(command, 'SIGTERM');
    signal(command, 'SIGCONT');
    command.timer = setTimeout(() => {
      command.killed = true;
      signal(command, 'SIGKILL');
    }, graceMs);
  }

  /** The leader has ended: resolves when nothing of its group is left, and what it wrote was told. */
  async function finish(command: Command, closed: Promise<void>): Promise<void> {
    const { child } = command;
    if (command.ending === undefined) signal(command, 'SIGKILL');
    else while (!command.killed && groupLives(command.pid)) await sleep(lookMs);
    clearTimeout(command.timer);
    // The time in which the caller takes nothing does not count.
    for (let leftMs = drainMs; leftMs > 0 && !isClosed(child);) {
      await Promise.race([closed, sleep(lookMs)]);
      if (waiting.size === 0) leftMs -= lookMs;
    }
    child.stdout.destroy();
    child.stderr.destroy();
  }

  function isClosed({ stdout, stderr }: ChildProcess): boolean {
    return stdout?.closed === true && stderr?.closed === true;
  }

  /** Signals the group of a command, if there is anything left of it. */
  function signal({ pid }: Command, name: NodeJS.Signals): void {
    try {
      process.kill(-pid, name);
    } catch {
      // There is not.
    }
  }
}
