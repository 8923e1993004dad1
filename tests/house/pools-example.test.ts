import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lives, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** The commands of the sample pool of web servers, for one server; `run` answers what a command prints. */
function webServer(t: ExecutionContext) {
  const folder = tempFolder(t);
  const name = 'web_servers_00000001';
  async function run(word: string, data = ''): Promise<string> {
    const env = {
      ...{ PATH: process.env['PATH'], WEB_SERVERS: folder, BERTH_NAME: name },
      BERTH_RESOURCE_DATA: Buffer.from(data).toString('base64'),
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/web-server.mjs', word], {
      cwd: ROOT,
      env,
    });
    return stdout;
  }
  const pid = () => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { pid: number }).pid;
  return { run, pid, files: () => readdirSync(folder), name };
}

test('a web server is made, found good, listed, and gone when it is deleted, however often', async (t) => {
  const { run, pid, files, name } = webServer(t);
  const url = await run('new');
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  const number = pid();
  t.is(await (await fetch(url)).text(), `${name}\n`);
  t.is(await run('check', url), '');
  t.is(await run('list'), `${name}\n`);
  await run('delete', url);
  await until(() => !lives(number), { what: 'the server to end' });
  t.deepEqual(files(), []);
  await run('delete', url);
  await t.throwsAsync(run('check', url));
});

test('a web server that cannot be stopped is not taken for gone, and is deleted later', async (t) => {
  const { run, pid, files, name } = webServer(t);
  const url = await run('new');
  const number = pid();
  t.teardown(() => {
    if (lives(number)) process.kill(number, 'SIGKILL');
  });
  process.kill(number, 'SIGSTOP');
  await t.throwsAsync(run('check', url));
  await t.throwsAsync(run('delete', url), { message: /is still there/ });
  t.deepEqual(files(), [name]);
  process.kill(number, 'SIGCONT');
  await run('delete', url);
  await until(() => !lives(number), { what: 'the server to end' });
});
