import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundToUs, dieWithUs } from './die-with-us.js';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

export interface RedisServerOptions {
  /** Where it keeps its data; a new folder when absent, removed by `stop`. */
  readonly dir?: string;
  /** Default true; each write then reaches the disk before its answer leaves (appendfsync always). */
  readonly appendonly?: boolean;
  readonly port?: number;
  /** Further arguments, for example `['--maxmemory-policy', 'allkeys-lru']`. */
  readonly args?: readonly string[];
}

/** A real redis-server on 127.0.0.1, as a child of this process. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Of the current run; another one after `restart`. */
  readonly pid: number;
  /** Sends a signal; for SIGKILL and SIGTERM resolves when the server is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it (SIGKILL) and starts it again on the same port: with its data, with none, or with that of another folder. */
  restart(how?: { readonly empty?: boolean; readonly from?: string }): Promise<void>;
  /** Copies the data as it is on disk to a new folder and answers its path. */
  copyData(): string;
  /**
   * Keeps what is in it within the server itself; what is answered puts it back, in one go and with nothing else, and breaks no
   * connection.
   */
  keep(): Promise<() => Promise<void>>;
  /** Ends it and removes the folders it made. */
  stop(): Promise<void>;
}

const ENDS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM'];

function ponged(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      settle(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => {
      settle(false);
    });
    socket.setTimeout(1_000, () => {
      settle(false);
    });
  });
}

/** Copies all keys of one database into another, in which nothing else is then. */
const COPY_ALL = `
  redis.call('SELECT', ARGV[2])
  redis.call('FLUSHDB')
  redis.call('SELECT', ARGV[1])
  for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', ARGV[2]) end
  return 'done'`;

/** Copies a database of the server into another one. */
function copyAll(port: number, from: number, to: number): Promise<void> {
  const words = ['EVAL', COPY_ALL, '0', String(from), String(to)];
  const request = words.map((word) => `$${String(Buffer.byteLength(word))}\r\n${word}\r\n`).join('');
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      const answer = data.toString();
      if (answer.includes('done')) resolve();
      else reject(new Error(`redis-server answered ${answer}`));
    });
    socket.write(`*${String(words.length)}\r\n${request}`);
  });
}

async function launch(port: number, dir: string, options: RedisServerOptions): Promise<ChildProcess> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is not on this machine; tools/test-servers installs it');
  const appendonly = options.appendonly ?? true;
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '']
    .concat(['--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', 'always'])
    .concat(options.args ?? []);
  const [command, ...first] = boundToUs(program);
  const child = spawn(command, [...first, ...args], { stdio: 'ignore' });
  dieWithUs(child);
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${String(child.exitCode)}`);
      return ponged(port);
    },
    { what: `redis-server on port ${String(port)}` },
  );
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  // A stopped process takes SIGTERM only when it goes on.
  child.kill('SIGCONT');
  await gone;
}

/** Starts redis-server and resolves when it answers. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const temporary: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-redis-'));
    temporary.push(folder);
    return folder;
  };
  const dir = options.dir ?? newFolder();
  mkdirSync(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  let child = await launch(port, dir, options);
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    dir,
    get pid() {
      return child.pid ?? 0;
    },
    async kill(signal) {
      if (ENDS.includes(signal)) await end(child, signal);
      else child.kill(signal);
    },
    async restart(how = {}) {
      await end(child, 'SIGKILL');
      if (how.empty === true || how.from !== undefined) {
        for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
      }
      if (how.from !== undefined) cpSync(how.from, dir, { recursive: true });
      child = await launch(port, dir, options);
    },
    async keep() {
      await copyAll(port, 0, 1);
      return () => copyAll(port, 1, 0);
    },
    copyData() {
      const copy = newFolder();
      cpSync(dir, copy, { recursive: true });
      return copy;
    },
    async stop() {
      await end(child, 'SIGKILL');
      for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
    },
  };
}
