import test, { type ExecutionContext } from 'ava';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config.js';
import { UsageError } from './usage-error.js';

/** Empty folders for a test: a home, and a working folder in it. */
function places(t: ExecutionContext): { home: string; cwd: string } {
  const home = mkdtempSync(join(tmpdir(), 'berth-config-'));
  const cwd = join(home, 'project');
  mkdirSync(join(home, '.config/berth'), { recursive: true });
  mkdirSync(cwd);
  t.teardown(() => {
    rmSync(home, { recursive: true });
  });
  return { home, cwd };
}

test('flags win over variables, these over ./berth.yaml, that over the personal file', async (t) => {
  const from = { ...places(t), env: { BERTH_USER: 'variable' } };
  writeFileSync(join(from.cwd, 'berth.yaml'), 'address: project:1\nuser: project\n');
  writeFileSync(join(from.home, '.config/berth/config.yaml'), 'address: home:1\nlab: home\nuser: home\n');
  const config = await loadConfig({ role: 'viewer' }, from);
  t.like(config, {
    address: 'project:1',
    user: 'variable',
    lab: 'home',
    role: 'viewer',
    output: 'table',
    quiet: false,
  });
  t.is(config.addressFrom, join(from.cwd, 'berth.yaml'));
  t.like(await loadConfig({ address: 'flag:1' }, from), { address: 'flag:1', addressFrom: '--address' });
});

test('without any setting the built-in address is used, and nobody is named', async (t) => {
  const config = await loadConfig({}, { ...places(t), env: {} });
  t.deepEqual(config, {
    address: '127.0.0.1:7070',
    addressFrom: 'the built-in default',
    output: 'table',
    quiet: false,
  });
});

test('a faulty file or format is named', async (t) => {
  const from = { ...places(t), env: {} };
  const file = join(from.cwd, 'berth.yaml');
  for (const [text, fault] of [
    ['adress: x', /berth\.yaml has an unknown key "adress"/],
    ['address: [1', /berth\.yaml cannot be read/],
    ['- a', /must hold keys and values/],
    ['address: 1', /address must be a text/],
    ['output: xml', /berth\.yaml says output "xml"/],
  ] as const) {
    writeFileSync(file, text);
    await t.throwsAsync(loadConfig({}, from), { instanceOf: UsageError, message: fault });
  }
  await t.throwsAsync(loadConfig({ config: 'none.yaml' }, from), { instanceOf: UsageError, message: /none\.yaml/ });
});
