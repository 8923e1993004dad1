import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { berthCommandLine } from '@berth/testkit';
import test from 'ava';

const PAGE = join(import.meta.dirname, '../../docs/cli.md');

test('the page of the CLI names every command that there is', (t) => {
  const [program, ...args] = berthCommandLine();
  const overview = execFileSync(program, [...args, '--help'], { encoding: 'utf8' });
  const commands = [...overview.slice(overview.indexOf('Commands:')).matchAll(/^ {2}([a-z][a-z-]*) /gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help' && name !== 'berth');
  t.true(commands.includes('run'));
  const page = readFileSync(PAGE, 'utf8');
  for (const name of commands) t.regex(page, new RegExp(`\`(berth )?${name}[\` ]`), name);
});
