import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../.cache/bin', import.meta.url));

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of a program that tests start, or undefined when this machine has none. Looks at the environment variable of
 * its name (redis-server → REDIS_SERVER), on PATH, then in .cache/bin, where tools/test-servers puts what it builds.
 */
export function findProgram(name: string): string | undefined {
  const named = process.env[name.toUpperCase().replaceAll('-', '_')];
  if (named !== undefined && named !== '') return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), CACHE];
  return folders.map((folder) => join(folder, name)).find(runs);
}
