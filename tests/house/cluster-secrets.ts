import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { berthdCommandLine, findProgram, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

const SCRIPT = join(import.meta.dirname, '../../examples/cluster-init.sh');

/** Where a run of the script is killed: at its n-th program, before or after that has done its work. */
export interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** How a run of the script ended. */
export interface InitRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** How many programs it had started. */
  readonly programs: number;
}

/** examples/cluster-init.sh with these arguments, its own programs on PATH; killed with SIGKILL where `kill` says. */
export function runClusterInit(t: ExecutionContext, args: readonly string[], kill?: Kill): InitRun {
  const bin = tempFolder(t);
  const log = join(bin, 'log');
  mkdirSync(join(bin, 'bin'));
  writeFileSync(log, '');
  const real = new Map<string, string>(
    ['openssl', 'mv', 'rm'].map((name) => [name, `'${findProgram(name) ?? name}'`] as const),
  );
  real.set(
    'berthd',
    berthdCommandLine()
      .map((part) => `'${part}'`)
      .join(' '),
  );
  for (const [name, program] of real) {
    const file = join(bin, 'bin', name);
    writeFileSync(file, watched(program, log, kill));
    chmodSync(file, 0o755);
  }
  const { NODE_OPTIONS: _, ...env } = process.env;
  const PATH = [join(bin, 'bin'), env['PATH'] ?? ''].join(delimiter);
  const run = spawnSync('sh', [SCRIPT, ...args], { encoding: 'utf8', env: { ...env, PATH } });
  const programs = spawnSync('wc', ['-l', log], { encoding: 'utf8' }).stdout;
  return { ...run, programs: Number.parseInt(programs, 10) };
}

/** A program that is counted. Before its work it leaves half of each new file that it would make, and then the script dies. */
function watched(program: string, log: string, kill?: Kill): string {
  const dies = (when: Kill['when']): string => (kill?.when === when ? String(kill.at) : 'never');
  return `#!/bin/sh
echo started >>'${log}'
n=$(($(wc -l <'${log}')))
if [ "$n" = ${dies('before')} ]; then
  for file; do
    case $file in *.new) echo half >"$file" ;; esac
  done
  kill -KILL $PPID
  exit 1
fi
${program} "$@"
code=$?
[ "$n" != ${dies('after')} ] || kill -KILL $PPID
exit $code
`;
}
