import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import { tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import * as z from 'zod';
import { loadConfig } from './config.js';
import { hideSecrets } from './hidden-secrets.js';

const schema = z.strictObject({
  listen: z.string().default('127.0.0.1:7070').describe('where to listen'),
  lease: z
    .strictObject({
      backfill: z.boolean().default(false),
      pointMs: z
        .union([z.literal('strict'), z.number().int().min(0)])
        .default(60_000)
        .describe('what a point is worth'),
    })
    .prefault({}),
});

function write(t: ExecutionContext, text: string): string {
  const file = join(tempFolder(t), 'berth.yaml');
  writeFileSync(file, text);
  return file;
}

function faultsOf(t: ExecutionContext, text: string): string[] {
  const file = write(t, text);
  const error = t.throws(() => loadConfig(schema, { file }), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_CONFIG');
  return (error.details.fields ?? []).map(
    ({ field, description }) => `${description.slice(description.lastIndexOf('/') + 1)} @ ${field}`,
  );
}

test('flags win over the environment, that over the file, that over defaults', (t) => {
  const file = write(t, 'lease: { backfill: true, pointMs: 5 }\n');
  t.deepEqual(loadConfig(schema, {}), { listen: '127.0.0.1:7070', lease: { backfill: false, pointMs: 60_000 } });
  t.deepEqual(loadConfig(schema, { file }).lease, { backfill: true, pointMs: 5 });
  const env = { BERTH_LEASE_POINT_MS: '7', BERTH_LEASE_BACKFILL: 'false', BERTH_BENCH: 'resource1' };
  t.deepEqual(loadConfig(schema, { file, env }).lease, { backfill: false, pointMs: 7 });
  t.is(loadConfig(schema, { env: { BERTH_LEASE_POINT_MS: 'strict' } }).lease.pointMs, 'strict');
  const flags = [{ flag: '--point', path: ['lease', 'pointMs'], value: 9 }];
  t.is(loadConfig(schema, { file, env, flags }).lease.pointMs, 9);
});

test('every fault is told with line, column and what is allowed', (t) => {
  t.deepEqual(faultsOf(t, 'listn: x\nlease:\n  backfill: maybe\n  color: red\n').sort(), [
    "berth.yaml:1:1: there is no such setting; did you mean 'listen'? Allowed here: listen, lease @ listn",
    'berth.yaml:3:3: Invalid input: expected boolean, received string @ lease.backfill',
    'berth.yaml:4:3: there is no such setting. Allowed here: backfill, pointMs @ lease.color',
  ]);
});

test('a file that is no YAML, repeats a key, or is no mapping is told with its line', (t) => {
  t.regex(faultsOf(t, 'listen: "a\n')[0] ?? '', /^berth\.yaml:2:1: /);
  t.regex(faultsOf(t, 'listen: a\nlisten: b\n')[0] ?? '', /^berth\.yaml:2:1: Map keys must be unique/);
  t.regex(faultsOf(t, '- a\n')[0] ?? '', /^berth\.yaml:1:1: must be a mapping/);
  t.deepEqual(loadConfig(schema, { file: write(t, '# nothing\n') }), loadConfig(schema, {}));
});

test('a missing file is told by name', (t) => {
  t.throws(() => loadConfig(schema, { file: '/nowhere/berth.yaml' }), {
    message: /\/nowhere\/berth\.yaml: there is no such file/,
  });
});

test('a faulty variable or flag is told by its name', (t) => {
  const env = { BERTH_LEASE_POINT_MS: '-1' };
  t.throws(() => loadConfig(schema, { env }), {
    message: /BERTH_LEASE_POINT_MS: lease\.pointMs: .*\(what a point is worth\)/,
  });
  const flags = [{ flag: '--listen', path: ['listen'], value: 5 }];
  t.throws(() => loadConfig(schema, { flags }), { message: /--listen: listen: .*expected string/ });
});

test('secrets are hidden where a configuration is shown', (t) => {
  const shown = hideSecrets({ redis: { url: 'redis://u:pw@h:1/0', password: 'x' }, list: [{ token: 'y' }], n: 1 });
  t.deepEqual(shown, {
    redis: { url: 'redis://u:[hidden]@h:1/0', password: '[hidden]' },
    list: [{ token: '[hidden]' }],
    n: 1,
  });
});
