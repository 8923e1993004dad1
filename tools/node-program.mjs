// node tools/node-program.mjs VERSION: fetches that Node.js, as npm has it for this machine (24, 24.21.0), and prints where it is.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** This machine's, as npm names it: linux-x64. */
export const PLATFORM = `${process.platform.replace('win32', 'win')}-${process.arch}`;

/** The path of a Node.js, which is fetched once and kept in .cache/nodes. */
export function nodeProgram(version, platform = PLATFORM) {
  const folder = join(root, '.cache/nodes', version, platform);
  const name = `node-${platform}`;
  const program = join(folder, 'node_modules', name, 'bin', platform.startsWith('win') ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // --force: also that of another platform.
  const flags = ['--silent', '--no-save', '--no-package-lock', '--force', '--prefix', folder];
  try {
    execFileSync('npm', ['install', ...flags, `${name}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    console.error(
      `There is no Node.js ${version} to fetch for ${platform}: npm has no ${name}@${version}, or cannot be reached.`,
    );
    process.exit(1);
  }
  return program;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(nodeProgram(process.argv[2]));
