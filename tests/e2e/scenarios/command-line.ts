import type { ExecutionContext } from 'ava';
import type { LabUnderTest } from './lab-under-test.js';

/** The command line shows the lab, runs a command with a bench, and tells who its caller is; pages over HTTP show the same. */
export async function commandLine(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const ok = async (caller: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.berth(caller, ...args);
    t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  t.regex(await ok('ann', 'bench', 'ls'), /^b1 .*free/m);
  t.is(await ok('ann', 'run', '--bench', 'b1', '--', 'sh', '-c', 'echo "$BERTH_BENCH is mine"'), 'b1 is mine\n');
  t.like(JSON.parse(await ok('ann', 'whoami', '-o', 'json')), { name: 'ann', role: 'user' });
  t.regex(await ok('op', 'pool', 'ls'), /scenario/);
  t.regex(await ok('ann', 'alloc', 'ls', '--kind', 'disk'), /ann/);
  const denied = await lab.berth('guest', 'run', '--bench', 'b1', '--', 'true');
  t.is(denied.code, 77, denied.stderr);
  const page = await lab.curl('ann', '/');
  t.regex(page.stdout, /b1 .*free/, page.stderr);
  const json = await lab.curl('ann', '/v1/benches?requirement.query=attributes%3D%5Bany%5D');
  t.true(JSON.parse(json.stdout).benches.length > 0, json.stderr);
}
