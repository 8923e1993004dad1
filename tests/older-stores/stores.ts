// The stores that are kept as fixtures, one folder a version that wrote it: sqlite/ (berthd's data folder), redis/ (the
// server's) with mongo.jsonl (a line a collection), and what each told when it was written.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const STORES = join(import.meta.dirname, 'stores');
/** The database that berthd uses unless it is told another. */
export const DATABASE = 'berth';

/** A copy of a fixture's folder, which a test may write to; removed by the function that comes with it. */
export function copyOf(folder: string): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'berth-older-'));
  cpSync(folder, path, { recursive: true });
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
