import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** A file, what it imports, and the rule that must object; null = allowed. */
const CASES: readonly (readonly [file: string, imports: string, rule: string | null])[] = [
  ['services/lease/src/app/a1.ts', '../domain/rules.js', null],
  ['services/lease/src/app/a2.ts', '../ports/log.js', null],
  ['services/lease/src/app/a3.ts', '@berth/kernel', null],
  ['services/lease/src/app/a4.ts', 'node:crypto', null],
  ['services/lease/src/app/a5.ts', '../store/sqlite.js', 'app-knows-ports'],
  ['services/lease/src/app/a6.ts', 'zod', 'app-knows-ports'],
  ['services/lease/src/app/a7.ts', '@berth/storage', 'app-knows-ports'],
  ['services/lease/src/app/a8.ts', '@berth/documents', null],
  ['services/lease/src/domain/d1.ts', '@berth/kernel', null],
  ['services/lease/src/domain/d2.ts', 'zod', 'domain-is-pure'],
  ['services/lease/src/domain/d3.ts', 'node:fs', 'domain-is-pure'],
  ['services/lease/src/domain/d4.ts', '@berth/proto/berth/lease/v1/lease', 'domain-is-pure'],
  ['services/lease/src/domain/d5.ts', '../ports/log.js', 'domain-is-pure'],
  ['services/lease/src/domain/d7.ts', '@berth/documents:type', 'domain-is-pure'],
  ['services/lease/src/domain/d6.test.ts', '@berth/testkit', null],
  ['services/lease/src/ports/p1.ts', '@berth/storage:type', null],
  ['services/lease/src/ports/p2.ts', '@berth/storage', 'ports-are-interfaces'],
  ['services/lease/src/ports/p3.ts', '@berth/server:type', 'ports-borrow-storage-types-only'],
  ['services/lease/src/ports/p4.ts', '@berth/documents:type', null],
  ['services/lease/src/ports/p5.ts', '@berth/documents', 'ports-are-interfaces'],
  ['services/lease/src/store/s1.ts', '@berth/storage', null],
  ['services/lease/src/store/s2.ts', 'ioredis', null],
  ['services/lease/src/store/s3.ts', '../app/use-case.js', 'adapters-below-app'],
  ['services/lease/src/transport/t1.ts', '../app/use-case.js', null],
  ['services/lease/src/transport/t2.ts', '../store/sqlite.js', 'transport-uses-app'],
  ['services/lease/src/transport/t3.ts', '@berth/testkit', 'testkit-in-tests-only'],
  ['services/lease/src/transport/t4.ts', './t4.test.js', 'no-tests-in-code'],
  ['services/lease/src/transport/t5.ts', '../../../pool/src/index.js', 'services-keep-apart'],
  ['services/lease/src/transport/t6.ts', '@berth/nowhere', 'no-unresolvable'],
  ['services/booking/src/calendar/q1.ts', 'temporal-polyfill', null],
  ['services/booking/src/calendar/q2.ts', 'rrule-temporal', null],
  ['services/booking/src/app/q3.ts', 'temporal-polyfill', 'times-by-the-calendar'],
  ['services/booking/src/transport/q4.ts', 'rrule-temporal', 'times-by-the-calendar'],
  ['services/gateway/src/proxy/g1.ts', '@berth/client', null],
  ['services/gateway/src/proxy/g2.ts', '@berth/server', null],
  ['services/gateway/src/ports/g3.ts', '@berth/client:type', null],
  ['services/gateway/src/ports/g4.ts', '@berth/server', 'ports-are-interfaces'],
  ['services/gateway/src/routes/g5.ts', '@berth/storage', 'gateway-is-a-client'],
  ['services/gateway/src/routes/g6.ts', '@berth/documents:type', 'gateway-is-a-client'],
  ['services/gateway/src/routes/g7.ts', '@berth/views', null],
  ['services/berthd/src/b1.ts', '@berth/lease', null],
  ['services/berthd/src/b2.ts', '../../lease/src/app/use-case.js', 'services-by-their-index'],
  ['packages/server/src/x1.ts', '@berth/lease', 'only-berthd-imports-services'],
  ['packages/server/src/x2.ts', 'better-sqlite3', 'drivers-in-storage'],
  ['packages/server/src/x3.ts', '../../kernel/src/index.js', 'workspaces-by-name'],
  ['packages/server/src/x4.ts', '@berth/client', 'packages-below-services'],
  ['packages/commands/src/z1.ts', '@berth/kernel', null],
  ['packages/commands/src/z2.ts', 'node:fs', null],
  ['packages/commands/src/z3.ts', '@berth/server', 'commands-on-the-kernel-only'],
  ['packages/commands/src/z4.ts', 'zod', 'commands-on-the-kernel-only'],
  ['packages/server/src/x5.ts', '@berth/commands', 'commands-by-adapters'],
  ['services/lease/src/remote/r1.ts', '@berth/commands', null],
  ['services/lease/src/app/a20.ts', '@berth/commands', 'app-knows-ports'],
  ['services/lease/src/ports/p20.ts', '@berth/commands:type', 'commands-by-adapters'],
  ['services/lease/src/transport/t20.ts', '@berth/commands', 'commands-by-adapters'],
  ['packages/storage/src/y1.ts', 'better-sqlite3', null],
  ['packages/documents/src/o1.ts', '@berth/kernel', null],
  ['packages/documents/src/o2.ts', '@berth/storage:type', null],
  ['packages/documents/src/o3.ts', '@berth/storage', 'documents-borrow-storage-types-only'],
  ['packages/documents/src/o4.ts', '@berth/server:type', 'documents-on-kernel-and-storage'],
  ['packages/documents/src/o5.ts', 'node:timers/promises', null],
  ['packages/kernel/src/k1.ts', 'zod', 'kernel-imports-nothing'],
  ['packages/kernel/src/k2.ts', 'node:fs', 'kernel-imports-nothing'],
  ['packages/kernel/src/k3.ts', './k4.js', 'no-cycles'],
  ['packages/kernel/src/k5.ts', 'node:crypto', null],
  ['packages/kernel/src/k6.ts', './k7.js:type', 'no-cycles'],
  ['services/lease/src/transport/t7.ts', '@berth/documents:type', 'transport-uses-app'],
  ['services/lease/src/transport/t9.ts', '../../simulation/scene.js', 'no-tests-in-code'],
  ['services/lease/src/transport/t10.test.ts', '../../simulation/scene.js', null],
  ['clients/ts/src/c1.ts', '@berth/proto/berth/lease/v1/lease', null],
  ['clients/ts/src/c2.ts', '@berth/server', 'clients-know-the-wire-only'],
  ['clients/cli/src/c3.ts', '@berth/client', null],
  ['clients/cli/src/c5.ts', 'temporal-polyfill', null],
  ['clients/cli/src/c4.ts', '@berth/kernel', 'cli-on-the-client-only'],
  ['clients/cli/src/c6.ts', '@berth/views', null],
  ['packages/views/src/v1.ts', '@berth/proto/berth/lease/v1/lease', null],
  ['packages/views/src/v2.ts', '@berth/kernel', 'views-on-protos-only'],
];

const TARGETS = [
  'services/lease/src/domain/rules.ts',
  'services/lease/src/ports/log.ts',
  'services/lease/src/store/sqlite.ts',
  'services/lease/src/app/use-case.ts',
  'services/lease/src/transport/t4.test.ts',
  'services/lease/simulation/scene.ts',
  'services/pool/src/index.ts',
  'proto/gen/berth/lease/v1/lease.ts',
];
const WORKSPACES = ['kernel', 'commands', 'storage', 'documents', 'server', 'testkit', 'views'].map(
  (name) => [name, `packages/${name}`] as const,
);
const NPM = ['zod', 'ioredis', 'better-sqlite3', 'temporal-polyfill', 'rrule-temporal'];

function plant(dir: string): void {
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  write(
    'package.json',
    JSON.stringify({
      type: 'module',
      workspaces: ['packages/*', 'services/*', 'clients/*', 'proto'],
      dependencies: Object.fromEntries(NPM.map((n) => [n, '1'])),
    }),
  );
  mkdirSync(join(dir, 'node_modules/@berth'), { recursive: true });
  for (const [name, path] of [
    ...WORKSPACES,
    ['lease', 'services/lease'] as const,
    ['berthd', 'services/berthd'] as const,
    ['client', 'clients/ts'] as const,
    ['proto', 'proto'] as const,
  ]) {
    const exports =
      name === 'proto' ? { './*': { '@berth/source': './gen/*.ts' } } : { '.': { '@berth/source': './src/index.ts' } };
    write(`${path}/package.json`, JSON.stringify({ name: `@berth/${name}`, type: 'module', exports }));
    if (name !== 'proto') write(`${path}/src/index.ts`, 'export const here = 1;\n');
    symlinkSync(join(dir, path), join(dir, 'node_modules/@berth', name));
  }
  for (const name of NPM) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const file of TARGETS) write(file, 'export const here = 1;\n');
  write('packages/kernel/src/k4.ts', "export * from './k3.js';\n");
  write('packages/kernel/src/k7.ts', "import type { It } from './k6.js';\nexport type That = It;\n");
  for (const [file, imported] of CASES) {
    const [specifier = '', kind] = imported.split(':type');
    const clause = kind === undefined ? '* as it' : 'type * as it';
    write(
      file,
      `import ${clause} from '${specifier}';\nexport type It = typeof it;\nexport const use${kind === undefined ? ' = it' : ': It | null = null'};\n`,
    );
  }
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(dir: string): Report {
  const command = join(ROOT, 'node_modules/.bin/depcruise');
  const args = [
    '--config',
    join(ROOT, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
    'packages',
    'services',
    'clients',
  ];
  const { stdout, stderr } = spawnSync(command, args, { cwd: dir, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

test('each import rule objects to a planted violation, and to nothing else', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-import-rules-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  plant(dir);
  const { violations } = cruise(dir).summary;
  for (const [file, imported, rule] of CASES) {
    const rules = new Set(violations.filter((violation) => violation.from === file).map(({ rule }) => rule.name));
    if (rule === null) t.deepEqual([...rules], [], `${file} may import ${imported}`);
    else t.true(rules.has(rule), `${file} imports ${imported}: ${rule} expected, found ${[...rules].join(', ')}`);
  }
});
