import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => void) => void;
}

/** A new folder that goes with all that is in it when the test ends. */
export function tempFolder(t: Ending, prefix = 'berth-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
