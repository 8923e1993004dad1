// Completes package-lock.json: npm leaves out optional packages of other platforms when it installs over an existing
// node_modules or cannot find them at hand, and an install from such a lock file misses them on those platforms (a buf
// or oxc-parser without its binary). Adds an entry for each one that a locked package names with an exact version.
//   node tools/complete-lock.mjs           adds them
//   node tools/complete-lock.mjs --check   only says which are missing, and fails when any is
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = { aarch64: 'arm64', armv7: 'arm', arm64: 'arm64', x64: 'x64', ia32: 'ia32', arm: 'arm', ppc64: 'ppc64' };
const MORE_CPUS = ['loong64', 'mips64el', 'riscv64', 's390x'];

/** The platform that a package's name says it is for; null when it says none. */
function platform(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => OS.includes(word));
  const cpu = words.map((word) => CPU[word] ?? (MORE_CPUS.includes(word) ? word : undefined)).find(Boolean);
  if (os === undefined || cpu === undefined) return null;
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null;
  return { cpu: [cpu], libc: os === 'linux' && libc !== null ? [libc] : undefined, os: [os] };
}

function missingEntries(packages) {
  const missing = [];
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const found = `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
      const its = platform(name);
      if (found || its === null || !/^\d/.test(version)) continue;
      // Keys in npm's order, so that npm finds nothing to rewrite.
      const { cpu, libc, os } = its;
      missing.push([`node_modules/${name}`, { version, cpu, dev, libc, optional: true, os }]);
    }
  }
  return missing;
}

const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingEntries(lock.packages);
if (process.argv.includes('--check')) {
  for (const [path] of missing) console.log(`package-lock.json lacks ${path}; run node tools/complete-lock.mjs`);
  process.exit(missing.length === 0 ? 0 : 1);
}
const entries = [...Object.entries(lock.packages), ...missing];
// npm's own order: the root first, then by path.
lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${missing.length} added`);
