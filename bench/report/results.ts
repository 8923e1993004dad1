import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Cores } from '../cores.js';
import type { Row } from './row.js';

export interface SuiteResult {
  readonly suite: string;
  readonly rows: readonly Row[];
  /** Why it was left out. */
  readonly skipped?: string;
}

/** What the figures hold for. */
export function machineFacts(cores: Cores): Record<string, unknown> {
  return {
    at: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    placement: cores,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Before the run: above about 0.3 others use the machine, and the figures are noisy. */
    loadAverage: loadavg()[0],
    node: process.version,
    redisServer: version('redis-server', '--version'),
    etcd: version('etcd', '--version'),
  };
}

/** Writes bench/results/latest.json and answers its path. */
export function writeResults(root: string, facts: Record<string, unknown>, suites: readonly SuiteResult[]): string {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'latest.json');
  writeFileSync(path, `${JSON.stringify({ ...facts, suites }, null, 2)}\n`);
  return path;
}

function version(program: string, flag: string): string {
  try {
    return execFileSync(program, [flag], { encoding: 'utf8' }).split('\n')[0] ?? '';
  } catch {
    return 'not on this machine';
  }
}
