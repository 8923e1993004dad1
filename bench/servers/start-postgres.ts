import { execFile, execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, freePort, until } from '@berth/testkit';
import { endChild, startChild } from './child-process.js';

const run = promisify(execFile);
const DATABASE = 'postgres';

/** A PostgreSQL of its own, without anything in it. */
export interface Postgres {
  /** Runs SQL in one session; answers the rows of the last statement, and how long that took as psql tells it. */
  query(
    ...statements: readonly string[]
  ): Promise<{ readonly rows: readonly (readonly string[])[]; readonly ms: number }>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on some cores, with memory enough that nothing is read from the disk. It never runs as root. */
export async function startPostgres(cores: readonly number[]): Promise<Postgres> {
  const programs = dirname(realpathSync(findProgram('postgres') ?? 'postgres'));
  // Outside the checkout, which other users may not be able to enter.
  const dir = mkdtempSync(join(tmpdir(), 'berth-postgres-'));
  const as = asOtherUser(dir);
  const port = String(await freePort());
  execFileSync(
    ...split([...as, join(programs, 'initdb'), '-D', dir, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', '--no-sync']),
    {
      stdio: 'ignore',
      cwd: dir,
    },
  );
  const settings = [
    'shared_buffers=512MB',
    'work_mem=256MB',
    'max_wal_size=2GB',
    'unix_socket_directories=',
    `port=${port}`,
  ];
  const child = startChild([...as, join(programs, 'postgres'), '-D', dir, ...settings.flatMap((one) => ['-c', one])], {
    cores,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const psql = async (commands: readonly string[]): Promise<string> => {
    const where = ['-X', '-At', '-h', '127.0.0.1', '-p', port, '-U', DATABASE, '-d', DATABASE, '-v', 'ON_ERROR_STOP=1'];
    const options = { maxBuffer: 2 ** 28 };
    return (await run(join(programs, 'psql'), [...where, ...commands.flatMap((one) => ['-c', one])], options)).stdout;
  };
  const answers = (): Promise<boolean> =>
    psql(['SELECT 1']).then(
      () => true,
      () => false,
    );
  await until(answers, { what: `PostgreSQL on port ${port} to answer`, timeoutMs: 20_000 });
  return {
    query: async (...statements) => {
      const lines = (await psql([...statements.slice(0, -1), '\\timing on', ...statements.slice(-1)])).split('\n');
      const begins = lines.findIndex((line) => line.startsWith('Timing is on'));
      const ends = lines.findLastIndex((line) => line.startsWith('Time: '));
      const rows = lines.slice(begins + 1, ends).map((line) => line.split('|'));
      return { rows, ms: Number(/^Time: ([\d.]+) ms/.exec(lines[ends] ?? '')?.[1] ?? Number.NaN) };
    },
    stop: async () => {
      await endChild(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What to put before a command so that it does not run as root, and owns the folder; nothing for other users. */
function asOtherUser(dir: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, DATABASE], { encoding: 'utf8' })));
  chownSync(dir, uid ?? 0, gid ?? 0);
  return ['setpriv', `--reuid=${String(uid)}`, `--regid=${String(gid)}`, '--clear-groups'];
}

function split([program = '', ...args]: readonly string[]): [string, string[]] {
  return [program, args];
}
