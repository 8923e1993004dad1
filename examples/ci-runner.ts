// A CI runner that takes jobs one by one, each on a bench of its own, over the streaming RPC. It shows its place in the
// queue while it waits, and stops the job when the bench is lost.
//
//   npx tsx --conditions=@berth/source examples/ci-runner.ts [QUERY] -- COMMAND [ARGUMENT…]
//   npx tsx --conditions=@berth/source examples/ci-runner.ts 'attributes=[a]' -- sh -c 'echo "$BERTH_BENCH"'
//
// The server is BERTH_ADDRESS, default 127.0.0.1:7070. Exits with the command's own code; 75 when no bench came free
// in time, 70 when the bench was lost, 69 when the server could not serve, 130 when interrupted.
import { BerthError, connect, type LeaseHandle, LeaseLostError } from '@berth/client';
import { spawn } from 'node:child_process';

const WAIT = '30m';
const KILL_AFTER_MS = 10_000;
const EXIT = { usage: 64, unavailable: 69, lost: 70, temporary: 75, interrupted: 130 };

interface Job {
  readonly query: string;
  readonly command: string;
  readonly args: readonly string[];
}

function parseJob(argv: readonly string[]): Job | undefined {
  const split = argv.indexOf('--');
  const [command, ...args] = argv.slice(split + 1);
  if (split < 0 || command === undefined) return undefined;
  return { query: argv[0] === '--' ? 'attributes=[a]' : (argv[0] ?? ''), command, args };
}

/** Runs the job's command on the bench; resolves to its exit code, or rejects with why the bench was lost. */
function runOn(lease: LeaseHandle, { command, args }: Job, interrupted: AbortSignal): Promise<number> {
  const [bench] = lease.benches;
  const env = {
    ...process.env,
    BERTH_BENCH: bench.name,
    BERTH_LEASE_ID: lease.id,
    BERTH_FENCING_TOKEN: String(lease.fencingToken),
  };
  const child = spawn(command, args, { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
    };
    // `signal` aborts before the server would give the bench to somebody else.
    const over = AbortSignal.any([lease.signal, interrupted]);
    over.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      over.removeEventListener('abort', stop);
      if (over.aborted) reject(over.reason as Error);
      else resolve(code ?? 1);
    });
  });
}

async function main(): Promise<number> {
  const job = parseJob(process.argv.slice(2));
  if (job === undefined) {
    console.error('usage: ci-runner.ts [QUERY] -- COMMAND [ARGUMENT…]');
    return EXIT.usage;
  }
  const giveUp = new AbortController();
  process.once('SIGINT', () => giveUp.abort(new Error('interrupted')));
  process.once('SIGTERM', () => giveUp.abort(new Error('terminated')));

  const berth = connect({ user: process.env['CI_JOB_NAME'] ?? 'ci-runner' });
  try {
    await using lease = await berth.acquire({
      query: job.query,
      description: `CI: ${job.command}`,
      wait: WAIT,
      signal: giveUp.signal,
      onQueued: ({ position, waiting, candidates }) => {
        const holders = candidates.map(({ bench, holder }) => `${bench}: ${holder === '' ? 'free' : holder}`);
        console.error(`position ${position} of ${waiting}; ${holders.join(', ')}`);
      },
      onWarning: ({ message }) => console.error(message),
    });
    console.error(`holding ${lease.bench.name}, token ${lease.fencingToken}`);
    return await runOn(lease, job, giveUp.signal);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (giveUp.signal.aborted) return EXIT.interrupted;
    if (error instanceof LeaseLostError) return EXIT.lost;
    return error instanceof BerthError && error.reason === 'WAIT_TIMEOUT' ? EXIT.temporary : EXIT.unavailable;
  } finally {
    berth.close();
  }
}

process.exitCode = await main();
