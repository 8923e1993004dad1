// Emits this package into dist: modules and types by tsc. The generated messages of proto/ are private to the repository,
// so they are emitted into dist/proto, and imports of @berth/proto are made relative: the packed tarball stands alone.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));
const dist = join(here, 'dist');

if (!existsSync(join(root, 'proto/gen'))) {
  console.error('proto/gen is missing: run `npm run generate` first');
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
// Beside dist, not in the system's temporary folder, so that tsc finds node_modules on the way up.
const out = mkdtempSync(join(here, '.emit-'));
try {
  const config = join(out, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../../../tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rootDir: root,
        outDir: out,
        paths: { '@berth/proto/*': [join(root, 'proto/gen/*.ts')] },
      },
      files: ['../src/index.ts', '../src/fixtures.ts'],
      include: [],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  cpSync(join(out, 'clients/ts/src'), dist, { recursive: true });
  cpSync(join(out, 'proto/gen'), join(dist, 'proto'), { recursive: true });
} finally {
  rmSync(out, { recursive: true, force: true });
}

for (const name of readdirSync(dist, { recursive: true })) {
  if (!/\.(js|d\.ts)$/.test(name)) continue;
  const file = join(dist, name);
  const up = relative(dirname(file), join(dist, 'proto')).split(sep).join('/');
  const prefix = up.startsWith('.') ? up : `./${up}`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(/(['"])@berth\/proto\/([^'"]+)\1/g, (_, quote, path) => `${quote}${prefix}/${path}.js${quote}`),
  );
}
