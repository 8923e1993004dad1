import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { berthdCommandLine } from './berthd-command-line.js';
import { boundToUs, dieWithUs } from './die-with-us.js';
import { until } from './until.js';

export interface BerthdOptions {
  /** Where its SQLite store is; default: a new folder, removed by `stop`. */
  readonly dataDir?: string;
  /** Leases are kept in this Redis server instead. */
  readonly redisUrl?: string;
  /** An inventory file's text, for a lab that has no benches. */
  readonly inventory?: string;
  /** Further settings by room, for example `{ lease: { sessionTtlMs: 1000 } }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Further variables, for example BERTH_FAILPOINT. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A real berthd process on 127.0.0.1, as a child of this process. */
export interface Berthd {
  /** `127.0.0.1:<port>`; the same after `start`. */
  readonly address: string;
  readonly port: number;
  /** Where it serves HTTP, `http://127.0.0.1:<port>`; undefined when the settings name no `http.listen`. */
  readonly http: string | undefined;
  /** Of the current run. */
  readonly pid: number;
  /** What it has logged in all its runs, as JSON lines. */
  readonly log: string;
  /** False once the process has ended, in whatever way. */
  readonly running: boolean;
  /** Sends a signal; for SIGKILL and SIGTERM resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when the process has ended by itself (a failpoint), with the signal or code. */
  ended(): Promise<NodeJS.Signals | number>;
  /** Starts it again on the same port and data, with the variables of this run. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it (SIGKILL) and removes the folders it made. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 30_000;
const HTTP = /"http":"(https?:[^"]+)"/;
const LISTEN = /"listen":"127\.0\.0\.1:(\d+)"/;

/** Starts berthd on a free port and resolves when it serves. */
export async function startBerthd(options: BerthdOptions = {}): Promise<Berthd> {
  const folder = mkdtempSync(join(tmpdir(), 'berthd-'));
  const run = new BerthdRun(folder, options);
  try {
    await run.start(options.env);
  } catch (error) {
    await run.stop();
    throw error;
  }
  return run;
}

class BerthdRun implements Berthd {
  port = 0;
  http: string | undefined;
  log = '';
  #child: ChildProcess | undefined;

  constructor(
    private readonly folder: string,
    private readonly options: BerthdOptions,
  ) {}

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const [program, ...args] = boundToUs(...berthdCommandLine());
    const child = spawn(program, [...args, '--config', this.#configFile()], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    dieWithUs(child);
    const before = this.log.length;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (this.log += data.toString()));
    // A process that is killed, or crashes, says nothing itself.
    child.once('close', (code, signal) => (this.log += `(berthd ended: ${signal ?? `exit code ${String(code)}`})\n`));
    const listening = (): string | undefined => {
      const lines = this.log.slice(before).split('\n');
      const serving = lines.find((line) => line.includes('"msg":"serving"')) ?? '';
      this.http = HTTP.exec(serving)?.[1];
      const port = LISTEN.exec(serving)?.[1];
      // One that has ended will not serve any more: no use to wait for the rest of the time.
      return port ?? (this.running ? undefined : 'ended');
    };
    const port = await until(listening, { what: 'berthd to serve', timeoutMs: START_WITHIN_MS });
    if (port === 'ended') throw new Error(`berthd ended:\n${this.log.slice(before)}`);
    this.port = Number(port);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGKILL' && signal !== 'SIGTERM') return;
    // A stopped process takes SIGTERM only when it goes on.
    child.kill('SIGCONT');
    await gone;
  }

  async ended(): Promise<NodeJS.Signals | number> {
    const child = this.#child;
    if (child === undefined) throw new Error('berthd was not started');
    if (this.running) await once(child, 'exit');
    return child.signalCode ?? child.exitCode ?? 0;
  }

  async stop(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #configFile(): string {
    const { dataDir = join(this.folder, 'data'), redisUrl, inventory, settings } = this.options;
    const inventoryFile = join(this.folder, 'inventory.yaml');
    if (inventory !== undefined) writeFileSync(inventoryFile, inventory);
    const config = {
      listen: `127.0.0.1:${String(this.port)}`,
      // Many of them run beside each other: none takes the default port.
      http: { listen: 'none' },
      dataDir,
      ...(redisUrl !== undefined && { store: 'redis', redis: { url: redisUrl } }),
      ...(inventory !== undefined && { inventory: inventoryFile }),
      log: { format: 'json' },
      ...settings,
    };
    // JSON is YAML.
    const file = join(this.folder, 'berthd.yaml');
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
}
