import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which cores the server, the store beside it and the load processes run on. */
export interface Cores {
  readonly server: readonly number[];
  readonly store: readonly number[];
  /** One entry a load process. */
  readonly load: readonly (readonly number[])[];
  readonly pinned: boolean;
}

/**
 * The server has the first core for itself and the load processes have one each of the others, so that the server, not the
 * load, is what is measured. With one core, or without taskset, nothing is pinned.
 */
export function placeOnCores(): Cores {
  const count = availableParallelism();
  if (count < 2 || spawnSync('taskset', ['-V']).error !== undefined) {
    return { server: [], store: [], load: [[]], pinned: false };
  }
  const others = Array.from({ length: Math.min(count, 4) - 1 }, (_, i) => i + 1);
  return { server: [0], store: others.slice(0, 1), load: others.map((core) => [core]), pinned: true };
}

/** A command that runs on these cores only; the same command when there are none. */
export function onCores(cores: readonly number[], command: readonly string[]): { program: string; args: string[] } {
  const [program = '', ...args] = cores.length === 0 ? command : ['taskset', '-c', cores.join(','), ...command];
  return { program, args };
}
