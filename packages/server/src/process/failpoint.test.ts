import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { failpoint, parseFailpoints } from './failpoint.js';

interface Ended {
  readonly out: string;
  readonly signal: string | undefined;
}

/** Runs a process that visits `x.y` three times, telling of each visit. */
function visitThrice(armed: string): Promise<Ended> {
  const code = `import { failpoint } from ${JSON.stringify(fileURLToPath(new URL('failpoint.ts', import.meta.url)))};
    for (const n of [1, 2, 3]) { try { await failpoint('x.y'); console.log(n); } catch (error) { console.log(error.message); } }`;
  const args = ['--import=tsx', '--conditions=@berth/source', '--input-type=module', '-e', code];
  const env = { ...process.env, BERTH_FAILPOINT: armed };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout) => {
      resolve({ out: stdout.trim().replaceAll('\n', ' '), signal: error?.signal ?? undefined });
    });
  });
}

test('a failpoint that nobody armed does nothing', (t) => {
  t.is(failpoint('x.y'), undefined);
});

test('exit kills the process at the visit that was named', async (t) => {
  t.deepEqual(await visitThrice('x.y:exit@3'), { out: '1 2', signal: 'SIGKILL' });
});

test('error throws, delay goes on, and other names are left alone', async (t) => {
  t.deepEqual(await visitThrice('x.y:error@2, x.z:exit'), { out: '1 failpoint x.y 3', signal: undefined });
  t.deepEqual(await visitThrice('x.y:delay(1)'), { out: '1 2 3', signal: undefined });
});

test('a malformed failpoint is refused with what is allowed', (t) => {
  t.throws(() => parseFailpoints('x.y:boom'), { message: /"x.y:boom" is no failpoint; write NAME:exit/ });
});
