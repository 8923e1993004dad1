import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startBerthd, tempFolder } from '@berth/testkit';
import test from 'ava';

interface Executable {
  readonly makeExecutable: (folder: string) => Promise<string>;
  readonly PLATFORMS: readonly string[];
}
const { makeExecutable, PLATFORMS } = (await import(
  new URL('../../tools/executable.mjs', import.meta.url).href
)) as Executable;
const run = promisify(execFile);
const canRun = process.platform === 'linux' && PLATFORMS.includes(`linux-${process.arch}`);

(canRun ? test : test.skip)('the executable leases where there is no Node.js', async (t) => {
  const folder = tempFolder(t);
  const program = await makeExecutable(folder);
  const berthd = await startBerthd({ inventory: 'pool: { resources: { desk-1: { attributes: [a] } } }\n' });
  t.teardown(() => berthd.stop());
  // What Node.js is told on the machine is not for it.
  const env = { PATH: '/usr/bin:/bin', HOME: folder, BERTH_ADDRESS: berthd.address, NODE_OPTIONS: '--no-such-option' };
  t.is((await run(program, ['--version'], { env })).stdout, '0.1.0\n');
  t.regex((await run(program, ['bench', 'ls', '-o', 'json'], { env })).stdout, /"desk-1"/);
  const { stdout } = await run(program, ['run', '--bench', 'desk-1', '--', 'sh', '-c', 'echo "$BERTH_BENCH"'], { env });
  t.is(stdout, 'desk-1\n');
  const refused = await t.throwsAsync<Error & { code: number }>(
    run(program, ['acquire', '--bench', 'no-desk'], { env }),
  );
  t.true(refused.code > 0);
});
