import { type Berthd, requireServer, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { connect } from '@berth/client';
import { berth } from '../berth-process.fixture.js';
import { toldProcesses } from '../processes/processes.fixture.js';
import { startOnTerminal } from '../terminal.fixture.js';

const names = ['b1', 'b2', 'b3', 'b4', 'b5'];
const INVENTORY = `
pool: { name: benches, resources: { ${names.map((name) => `${name}: {}`).join(', ')} } }
`;

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY });
});
test.after.always(async () => {
  await berthd.stop();
});

/** `berth run` of a shell script on a terminal; the script finds the file for its processes as $0. */
async function runOnTerminal(t: ExecutionContext, bench: string, script: string) {
  const told = await toldProcesses(t);
  const args = ['run', '--bench', bench, '--', 'sh', '-c', script, told.file];
  return { told, run: await startOnTerminal(t, berthd.address, args) };
}

async function untilFree(bench: string): Promise<void> {
  await using client = connect({ address: berthd.address });
  await until(async () => (await client.inventory.getBench({ name: bench })).bench?.holder === '', {
    what: `${bench} to be free`,
  });
}

const TREE =
  'sleep 60 & echo $! >>"$0"; (sleep 61 & echo $! >>"$0"); sh -c \'echo $$ >>"$0"; exec sleep 62\' "$0"; true';

if (requireServer(test, 'python3')) {
  test('on a terminal a revoked lease ends all that the command started', async (t) => {
    const { told, run } = await runOnTerminal(t, 'b1', TREE);
    await told.pids(3);
    t.is((await berth(t, { address: berthd.address }, 'revoke', 'b1', '--reason', 'x')).code, 0);
    await told.ended();
    t.is(await run.exited(), 143);
  });

  test('on a terminal the guard ends all that the command started when the wrapper was killed', async (t) => {
    const { told, run } = await runOnTerminal(t, 'b2', TREE);
    await told.pids(3);
    process.kill(run.pid, 'SIGKILL');
    await told.ended();
    await untilFree('b2');
    t.pass();
  });

  test('a signal that is sent to the wrapper alone is passed on', async (t) => {
    const script = 'trap "echo got-INT" INT; trap "echo got-QUIT; exit 5" QUIT; echo up; while :; do sleep 0.05; done';
    const { run } = await runOnTerminal(t, 'b3', script);
    await run.shows(/up/);
    process.kill(run.pid, 'SIGINT');
    await run.shows(/got-INT/);
    process.kill(run.pid, 'SIGQUIT');
    t.is(await run.exited(), 5);
  });

  test('Ctrl-C reaches the command once, each time', async (t) => {
    const script =
      'n=0; trap "n=\\$((n+1)); echo got-\\$n" INT; trap "exit 5" TERM; echo up; while :; do sleep 0.05 || :; done';
    const { run } = await runOnTerminal(t, 'b4', script);
    await run.shows(/up/);
    run.type('\u0003');
    await run.shows(/got-1/);
    run.type('\u0003');
    await run.shows(/got-2/);
    process.kill(run.pid, 'SIGTERM');
    t.is(await run.exited(), 5);
    t.notRegex(run.screen, /got-3/);
  });

  /** Sleeps a little each time: a Ctrl-C between a shell's fork and the child's exec reaches the shell only. */
  const LOOP = 'echo up; read -r line; echo "read $line"; while :; do sleep 0.05; done';

  test('the command reads from the terminal, and Ctrl-C ends it', async (t) => {
    const { run } = await runOnTerminal(t, 'b5', LOOP);
    await run.shows(/up/);
    run.type('hello\r');
    await run.shows(/read hello/);
    run.type('\u0003');
    t.is(await run.exited(), 130);
  });
}
