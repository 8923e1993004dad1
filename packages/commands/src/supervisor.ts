import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { News, Order } from './frames.js';
import { readFrames } from './frames.js';
import { groupLives } from './group-lives.js';
import { endGroup, GRACE_MS } from './stored-process.js';
import { supervise } from './supervise.js';

/** What a supervisor runs. A tool that keeps the names of functions wraps them into a call of `__name`. */
const PROGRAM = `const __name = (one) => one;
(${supervise.toString()})(${readFrames.toString()}, ${groupLives.toString()}, ${GRACE_MS});`;

/** Garbage is looked for early: the more memory a process has, the more it costs to start another one from it. */
const SMALL = ['--max-semi-space-size=1'];

/** A gate to be started; see Order. */
export type GateStart = Omit<Order & { readonly do: 'start' }, 'do' | 'id'>;

/** Told what a command writes, as it comes. */
export type TellOutput = (stream: 'stdout' | 'stderr', chunk: Buffer) => void;

/** A command that waits for the word. Its process leads the group of all that it starts. */
export interface Gate {
  readonly pid: number;
  /** Lets the command begin, by its script, unless the gate has ended before. */
  readonly open: (script: string) => void;
  /** Ends the command: SIGTERM, and SIGKILL after 5 s. A gate that was not opened runs nothing. */
  readonly shut: () => void;
  /** Resolves when nothing of the group is left. */
  readonly ended: Promise<GateEnd>;
}

interface GateEnd {
  /** The command's exit code, 128 + n when signal n ended it; undefined when nobody saw its end. */
  readonly code: number | undefined;
  /** False when the gate ended before it was told to let the command begin. */
  readonly begun: boolean;
  /** True when its time was over. */
  readonly timedOut: boolean;
}

interface Known {
  readonly output: TellOutput;
  readonly started: (pid: number) => void;
  readonly failed: (error: Error) => void;
  readonly ended: (end: GateEnd) => void;
  pid?: number;
  begun: boolean;
}

/**
 * The process that starts the commands of this one: a small one, since the start of a process costs the more the larger the
 * starter is. It ends all of them when this process dies; this one ends them when the supervisor dies.
 */
class Supervisor {
  readonly #commands = new Map<number, Known>();
  readonly #socket: Duplex & Pick<ChildProcess, 'ref' | 'unref'>;
  #lastId = 0;
  #isLost = false;

  constructor(child: ChildProcess) {
    this.#socket = child.stdio[3] as Duplex & Pick<ChildProcess, 'ref' | 'unref'>;
    const take = readFrames((news: News, bytes) => {
      this.#take(news, bytes);
    });
    this.#socket.on('data', take);
    this.#socket.on('error', () => undefined);
    // Not at the exit of the process: what it told before is read first.
    this.#socket.on('close', () => {
      this.#lose();
    });
    child.unref();
    this.#socket.unref();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Starts a gate, whose time counts from now. Rejects when there is no room for a process. */
  start(gate: GateStart, output: TellOutput): Promise<Gate> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      const ended = new Promise<GateEnd>((end) => {
        const open = (script: string): void => {
          known.begun = true;
          this.#order({ do: 'begin', id, script });
        };
        const shut = (): void => {
          this.#order({ do: 'end', id });
        };
        const started = (pid: number): void => {
          resolve({ pid, open, shut, ended });
        };
        const known: Known = { output, started, failed: reject, ended: end, begun: false };
        this.#commands.set(id, known);
      });
      // While a command runs, this process does not end by itself.
      this.#socket.ref();
      this.#order({ do: 'start', id, ...gate });
    });
  }

  #order(order: Order): void {
    if (!this.#isLost) this.#socket.write(`${JSON.stringify(order)}\n`);
  }

  #take(news: News, bytes: Buffer): void {
    const { id } = news;
    const known = this.#commands.get(id);
    if (known === undefined) return;
    if ('stream' in news) {
      // In memory of its own: who keeps a part keeps no whole chunk.
      known.output(news.stream, 2 * bytes.length < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes);
    } else if ('pid' in news) {
      known.pid = news.pid;
      known.started(news.pid);
    } else {
      this.#forget(id);
      if ('failed' in news) known.failed(new Error(news.failed));
      else known.ended(news);
    }
  }

  /** The supervisor has died. What was not told to begin sees that itself, and never begins. */
  #lose(): void {
    this.#isLost = true;
    for (const [id, { pid, begun, failed, ended }] of this.#commands) {
      this.#forget(id);
      if (pid === undefined) failed(new Error('the process that starts commands has ended'));
      else
        void endGroup(pid).then(() => {
          ended({ code: undefined, begun, timedOut: false });
        });
    }
  }

  #forget(id: number): void {
    this.#commands.delete(id);
    if (this.#commands.size === 0) this.#socket.unref();
  }
}

let current: Supervisor | undefined;

/**
 * Starts the gate of a command by the supervisor of this process, which is started when there is none. Rejects when there is no
 * room for a process.
 */
export async function startGate(gate: GateStart, output: TellOutput): Promise<Gate> {
  if (current === undefined || current.isLost) current = startSupervisor();
  return current.start(gate, output);
}

/** In a session of its own: a signal to the group of this process, as from a terminal, does not end it. */
function startSupervisor(): Supervisor {
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
  const child = spawn(process.execPath, [...SMALL, '-e', PROGRAM], { detached: true, env: {}, stdio: [...stdio] });
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error('the process that starts commands cannot be started');
  return new Supervisor(child);
}
