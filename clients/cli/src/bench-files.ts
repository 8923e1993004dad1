import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files that a command finds by variables. */
export interface BenchFiles {
  /** Their paths, by the variable. */
  readonly variables: Readonly<Record<string, string>>;
  /** The folder that they are in, which only this user can read; absent when there are none. */
  readonly folder?: string | undefined;
  /** Removes them. */
  readonly remove: () => void;
}

/** Writes texts into files of their own; by the variables that are to name them. */
export function writeBenchFiles(texts: Readonly<Record<string, string>>): BenchFiles {
  if (Object.keys(texts).length === 0) return { variables: {}, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'berth-'));
  const paths = Object.entries(texts).map(([name, text]): [string, string] => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, text, { mode: 0o600 });
    return [name, path];
  });
  return {
    variables: Object.fromEntries(paths),
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
