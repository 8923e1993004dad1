import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

interface Bundling {
  readonly bundle: (folder: string, name: string, options?: { keptMs?: number }) => Promise<string>;
}
const { bundle } = (await import(new URL('../../tools/bundle.mjs', import.meta.url).href)) as Bundling;

/** Loads a part of itself each time it reads a line, as berthd does when it meets something for the first time. */
const MAIN = `
process.stdin.on('data', () => import('./late.ts').then(({ text }) => process.stdout.write(text + '\\n')));
process.stdout.write('started\\n');
`;

function newProgram(t: ExecutionContext): { folder: string; change: (text: string) => void } {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'src/main.ts'), MAIN);
  return {
    folder,
    change(text) {
      writeFileSync(join(folder, 'src/late.ts'), `export const text: string = ${JSON.stringify(text)};`);
    },
  };
}

/** Starts what was built; `ask` makes it load its late part. */
async function start(t: ExecutionContext, folder: string) {
  const child = spawn(process.execPath, [join(folder, 'dist/program.js')], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString()));
  await until(() => out.includes('started'), { what: 'the program to start' });
  return {
    async ask(): Promise<string> {
      const before = out.length;
      child.stdin.write('\n');
      await until(() => out.length > before, { what: 'an answer' });
      return out.slice(before).trim();
    },
    async end(): Promise<void> {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('a program that runs loads what it was built with, whatever is built beside it', async (t) => {
  const { folder, change } = newProgram(t);
  change('first');
  const first = await bundle(folder, 'program', { keptMs: 0 });
  const old = await start(t, folder);
  change('second');
  const second = await bundle(folder, 'program', { keptMs: 0 });
  t.not(second, first);
  t.is(await old.ask(), 'first');
  const fresh = await start(t, folder);
  t.is(await fresh.ask(), 'second');
  await old.end();
  await bundle(folder, 'program', { keptMs: 0 });
  t.false(existsSync(first), 'nobody uses it any more');
  t.true(existsSync(second));
});

test('the same source is the same build, and one that was replaced just now stays for who is starting', async (t) => {
  const { folder, change } = newProgram(t);
  change('first');
  const first = await bundle(folder, 'program');
  t.deepEqual(await Promise.all([bundle(folder, 'program'), bundle(folder, 'program')]), [first, first]);
  change('second');
  const second = await bundle(folder, 'program');
  change('first');
  t.is(await bundle(folder, 'program'), first);
  t.true(existsSync(second));
  // Two builds and the file that starts the newest: nothing is left of the making.
  t.is(readdirSync(join(folder, 'dist')).length, 3);
  await t.throwsAsync(bundle(join(folder, 'none'), 'program'));
});
