import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { berthCommandLine } from '@berth/testkit';
import test from 'ava';
import { VARIABLES } from '../../clients/cli/src/program/config.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/cli.md');

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

test('the page of the CLI has every variable that the clients read', (t) => {
  const sources = ['clients/cli/src', 'clients/ts/src'].flatMap((folder) => {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    const code = files.filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name));
    return code.map((name) => readFileSync(join(ROOT, folder, name), 'utf8'));
  });
  const read = sources.flatMap((text) => [...text.matchAll(/env\['(BERTH_[A-Z_]+)'\]/g)].map(([, name = '']) => name));
  t.true(read.includes('BERTH_TOKEN_FILE'));
  const settings = readFileSync(PAGE, 'utf8').split('## Settings')[1] ?? '';
  for (const name of [...read, ...VARIABLES]) t.regex(settings, new RegExp(`\\| \`${name}\` `), name);
});
