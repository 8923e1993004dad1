import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * How to start berthd: the bundle that `npm run build` (and so `npm test`) makes. It is made again first when it is missing
 * or older than the source, so that no test runs against what was there yesterday: a bundle starts in a third of the
 * time that the source takes, and making it takes no longer than one start from source. The variable BERTHD (or BERTH for
 * the command) names another build's script.
 */
export function berthdCommandLine(): [program: string, ...args: string[]] {
  return commandLine('services/berthd', 'berthd');
}

/** How to start the `berth` command, in the same way. */
export function berthCommandLine(): [program: string, ...args: string[]] {
  return commandLine('clients/cli', 'berth');
}

function commandLine(workspace: string, name: string): [program: string, ...args: string[]] {
  const given = process.env[name.toUpperCase()];
  if (given !== undefined) return [process.execPath, given];
  const bundle = join(ROOT, workspace, 'dist', `${name}.js`);
  if (!existsSync(bundle) || statSync(bundle).mtimeMs < newestSource()) {
    execFileSync(process.execPath, [join(ROOT, 'tools/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return [process.execPath, join(ROOT, workspace, 'bin', `${name}.js`)];
}

let newest: number | undefined;

function newestSource(): number {
  newest ??= Math.max(
    ...['packages', 'services', 'clients', 'proto/gen'].map((folder) => newestUnder(join(ROOT, folder))),
  );
  return newest;
}

function newestUnder(folder: string): number {
  let found = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found = Math.max(found, newestUnder(path));
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      found = Math.max(found, statSync(path).mtimeMs);
  }
  return found;
}
