// Makes what is installed without the repository. `stagePrograms(folder)` puts berthd and berth into folders of their own, each a
// package that needs nothing but Node.js; `packAll(folder)` makes tarballs of them and of @berth/client.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PROGRAMS = [
  { name: 'berthd', from: 'services/berthd', carries: ['@berth/proto'], optional: { 'better-sqlite3': '^12.11.1' } },
  { name: 'berth', from: 'clients/cli', carries: [], optional: {} },
];

/** Node.js keeps what it compiled of the bundle, where it can (from 22.8 on): the next start is faster. */
const bin = (name) => `#!/usr/bin/env node
import module from 'node:module';
module.enableCompileCache?.();
await import('../dist/${name}.js');
`;

/** Makes `<folder>/berthd` and `<folder>/berth`. Resolves to the two folders. */
export async function stagePrograms(folder) {
  return Promise.all(PROGRAMS.map((program) => stage(program, join(folder, program.name))));
}

/** Makes the tarballs of @berth/client, @berth/cli and @berth/berthd in a folder. Resolves to their paths. */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(join(tmpdir(), 'berth-packages-'));
  try {
    await import('../clients/ts/tools/build.mjs');
    const folders = [join(root, 'clients/ts'), ...(await stagePrograms(aside))];
    return folders.map((from) => {
      const out = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: from });
      return join(folder, out.toString().trim());
    });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

async function stage({ name, from, carries, optional }, to) {
  const made = await bundle(join(root, from), name);
  for (const part of [`${name}.js`, 'chunks'])
    cpSync(join(made, part), join(to, 'dist', part), { recursive: true, filter: isCode });
  mkdirSync(join(to, 'bin'));
  writeFileSync(join(to, 'bin', `${name}.js`), bin(name));
  chmodSync(join(to, 'bin', `${name}.js`), 0o755);
  for (const carried of carries) carry(carried, to);
  const own = JSON.parse(readFileSync(join(root, from, 'package.json'), 'utf8'));
  writeJson(join(to, 'package.json'), publishable(own, carries, optional));
  cpSync(join(root, from, 'README.md'), join(to, 'README.md'));
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
  return to;
}

/** The maps of the source are three times the code. */
function isCode(path) {
  return !path.endsWith('.map');
}

/** Everything is in the bundle but the files that the program reads. */
function publishable({ private: _, devDependencies: __, ...own }, carries, optional) {
  return {
    ...own,
    files: ['bin', 'dist'],
    dependencies: Object.fromEntries(carries.map((carried) => [carried, own.version])),
    bundleDependencies: carries,
    ...(Object.keys(optional).length > 0 && {
      peerDependencies: optional,
      peerDependenciesMeta: Object.fromEntries(Object.keys(optional).map((peer) => [peer, { optional: true }])),
    }),
  };
}

/** Puts the file of @berth/proto that is read into the package, found by the name that it has in the repository. */
function carry(name, to) {
  const folder = join(to, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(root, 'proto/package.json'), 'utf8'));
  cpSync(join(root, 'proto/gen/descriptor.binpb'), join(folder, 'gen/descriptor.binpb'));
  const exports = { './descriptor.binpb': './gen/descriptor.binpb' };
  writeJson(join(folder, 'package.json'), { name, version, license, exports });
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
