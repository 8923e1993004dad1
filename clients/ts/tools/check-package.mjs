// Checks what would be published: publint and attw on the packed tarball, then an install of it into an empty folder, where
// node imports it and the tsc of a user, with the settings that its `tsc --init` writes, compiles the examples of every
// page and of examples/ against its types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (command, args, cwd = here) => execFileSync(command, args, { cwd, stdio: 'inherit' });

/** What users have: the TypeScript before the one that this repository uses. */
const TYPESCRIPT = 'typescript@5.9.3';

/** What `tsc --init` of TypeScript 5.9 writes, with the types of Node.js, as it says to do for Node.js. */
const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'esnext',
    lib: ['esnext'],
    types: ['node'],
    sourceMap: true,
    declaration: true,
    declarationMap: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    strict: true,
    jsx: 'react-jsx',
    verbatimModuleSyntax: true,
    isolatedModules: true,
    noUncheckedSideEffectImports: true,
    moduleDetection: 'force',
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts'],
};

const USER = `
import { BerthError, connect, type LeaseHandle } from '@berth/client';
import { leaseFixture } from '@berth/client/fixtures';

export async function flash(): Promise<string> {
  await using berth = connect({ address: '127.0.0.1:7070' });
  await using lease: LeaseHandle = await berth.acquire({ query: 'attributes=[a]', wait: '10m' });
  return lease.bench.name + lease.benches[0].name + lease.property('dut', 'socket');
}
export const fixture = leaseFixture({ bench: 'resource1' });
export const isBusy = (error: unknown): boolean => error instanceof BerthError && error.reason === 'BENCH_BUSY';
`;

/** What the examples of pages call but do not show. */
const GIVEN = 'declare function flash(socket: string, options?: { signal: AbortSignal }): Promise<void>;\n';

/** The TypeScript of the pages and of examples/, by the names of the files that it is written to. */
function examples() {
  const pages = ['README.md', 'clients/ts/README.md', ...namesIn('docs', '.md'), ...namesIn('docs/reference', '.md')];
  const found = pages.flatMap((page) => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```(?:ts|typescript)\n(.*?)^```$/gms)];
    return blocks.map(([, text], i) => [`${page.replaceAll(/\W/g, '-')}-${i + 1}.ts`, GIVEN + text]);
  });
  // Else the pages are no longer read as they are written.
  if (found.length === 0) throw new Error('no page has an example in TypeScript');
  const files = namesIn('examples', '.ts').map((file) => [
    file.replaceAll('/', '-'),
    readFileSync(join(root, file), 'utf8'),
  ]);
  return [...found, ...files];
}

function namesIn(folder, end) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`);
}

const folder = mkdtempSync(join(tmpdir(), 'berth-client-'));
try {
  run(process.execPath, [join(here, 'tools/build.mjs')]);
  run('npm', ['pack', '--silent', '--pack-destination', folder]);
  const tarball = join(folder, 'berth-client-0.1.0.tgz');
  run(bin('publint'), ['--strict', tarball]);
  run(bin('attw'), [tarball, '--profile', 'esm-only']);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', type: 'module', private: true }));
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball, TYPESCRIPT, '@types/node@20'], folder);
  const script =
    "const m = await import('@berth/client'); m.connect().close(); await import('@berth/client/fixtures');";
  run(process.execPath, ['--input-type=module', '-e', script], folder);
  writeFileSync(join(folder, 'user.ts'), USER);
  const shown = examples();
  for (const [name, text] of shown) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  run(process.execPath, [join(folder, 'node_modules/typescript/bin/tsc'), '-p', folder], folder);
  console.log(`${shown.length} examples compile in a project of their own`);
  console.log('the package stands alone: it packs, installs, imports and type-checks');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
