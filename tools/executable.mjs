// Makes `berth` as one file that needs no Node.js on the machine: Node.js itself with the command line in it (a "single
// executable application").
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { nodeProgram, PLATFORM } from './node-program.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The Node.js within. */
const NODE = '24.21.0';
/** What can be made: npm has that Node.js for no other system. */
export const PLATFORMS = ['linux-x64', 'linux-arm64', 'win-x64'];
/** Where postject tells Node.js that something is in it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Makes `<folder>/berth-<platform>`, for instance berth-linux-x64. Resolves to its path. */
export async function makeExecutable(folder, platform = PLATFORM) {
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(join(tmpdir(), 'berth-executable-'));
  try {
    const program = join(folder, `berth-${platform}${platform.startsWith('win') ? '.exe' : ''}`);
    copyFileSync(nodeProgram(NODE, platform), program);
    chmodSync(program, 0o755);
    inject(await applicationFor(platform, aside), program);
    return program;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** What Node.js starts with: the command line in one file of CommonJS, compiled where this machine can do that for the platform. */
async function applicationFor(platform, aside) {
  const main = join(aside, 'berth.cjs');
  const output = join(aside, 'berth.blob');
  await build({
    entryPoints: [join(root, 'clients/cli/src/main.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${NODE}`,
    minifySyntax: true,
    minifyWhitespace: true,
    conditions: ['@berth/source'],
    logLevel: 'warning',
  });
  const config = join(aside, 'config.json');
  const settings = {
    disableExperimentalSEAWarning: true,
    useCodeCache: platform === PLATFORM,
    execArgvExtension: 'none',
  };
  writeFileSync(config, JSON.stringify({ main, output, ...settings }));
  execFileSync(nodeProgram(NODE), ['--experimental-sea-config', config], { stdio: 'pipe' });
  return output;
}

function inject(application, program) {
  const postject = join(root, 'node_modules/postject/dist/cli.js');
  const args = [postject, program, 'NODE_SEA_BLOB', application, '--sentinel-fuse', FUSE];
  // What it warns of is how Node.js is linked.
  execFileSync(process.execPath, args, { stdio: 'pipe' });
}
