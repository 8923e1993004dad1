// Bundles a program beside those that run: into a folder of its own, named for its content, which is then switched to.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Left outside the bundles: a file that is read, and what Fastify would ask for if a route had a JSON schema, or a test asked it
 * without a connection. Neither happens, and it is a fifth of a bundle that every start would have to read.
 */
const OUTSIDE = [
  '@berth/proto/descriptor.binpb',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

/** A build that was replaced is kept this long: a process that read its name may not have said yet that it uses it. */
const KEPT_MS = 600_000;
const USERS = 'used-by';

/**
 * Bundles `<folder>/src/main.ts` into `<folder>/dist/<hash>/`, split so that a start loads what it uses only, and makes
 * `<folder>/dist/<name>.js`, which starts the newest build. Programs that run go on with the build that they started from;
 * one that nobody uses any more is removed. Resolves to the build's folder.
 */
export async function bundle(folder, name, { keptMs = KEPT_MS } = {}) {
  const dist = join(folder, 'dist');
  const aside = join(dist, `.making-${randomUUID()}`);
  try {
    await build(options(folder, name, aside));
    const made = hashOf(aside);
    if (!exists(join(dist, made))) moveTo(aside, join(dist, made));
    switchTo(dist, name, made);
    removeUnused(dist, made, keptMs);
    return join(dist, made);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function options(folder, name, outdir) {
  return {
    entryPoints: { [name]: join(folder, 'src/main.ts') },
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    conditions: ['@berth/source'],
    external: OUTSIDE,
    sourcemap: true,
    // CommonJS packages in an ESM bundle call `require` for node's own modules.
    banner: {
      js: "import { createRequire as berthCreateRequire } from 'node:module'; const require = berthCreateRequire(import.meta.url);",
    },
    logLevel: 'warning',
  };
}

function hashOf(folder) {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true }).sort()) {
    if (statSync(join(folder, file)).isFile()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function moveTo(aside, made) {
  mkdirSync(join(aside, USERS));
  try {
    renameSync(aside, made);
  } catch (error) {
    // Another build of the same was faster.
    if (!exists(made)) throw error;
  }
}

/** The switch is a rename: who starts the program meanwhile gets the old build or the new one, whole. */
function switchTo(dist, name, made) {
  const next = join(dist, `.${name}-${randomUUID()}.js`);
  writeFileSync(
    next,
    `// Made by tools/bundle.mjs: starts the newest build, and notes that this process uses it, so that it stays.
import { writeFileSync } from 'node:fs';
try {
  writeFileSync(new URL(\`./${made}/${USERS}/\${process.pid}\`, import.meta.url), '');
} catch {
  // A folder that cannot be written is cleaned up by nobody either.
}
await import('./${made}/${name}.js');
`,
  );
  renameSync(next, join(dist, `${name}.js`));
}

/** Removes what is neither the newest build nor used, nor was the newest a short time ago. */
function removeUnused(dist, made, keptMs) {
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    const folder = join(dist, entry.name);
    if (!entry.isDirectory() || entry.name === made || inUse(folder)) continue;
    // One in the making belongs to another process, unless that was killed.
    const since = entry.name.startsWith('.') ? folder : join(folder, 'replaced');
    if (!exists(since)) writeFileSync(since, '');
    if (Date.now() - Math.floor(statSync(since).mtimeMs) >= keptMs) rmSync(folder, { recursive: true, force: true });
  }
  rmSync(join(dist, made, 'replaced'), { force: true });
}

function inUse(folder) {
  if (!exists(join(folder, USERS))) return false;
  const alive = readdirSync(join(folder, USERS)).filter((pid) => {
    if (isAlive(Number(pid))) return true;
    rmSync(join(folder, USERS, pid), { force: true });
    return false;
  });
  return alive.length > 0;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
