import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

const folder = join(root, 'tests/planted');

/**
 * The bugs of tests/planted, by name: each a patch with three lines above it, which say what the bug is (`Bug: …`), which
 * test file must catch it (`Test: …`), and which of its tests (`Match: …`, as for ava's `--match`). A line `Runs: …` gives a
 * test with random runs more of them, and `Seed: …` the seed with which they are known to catch it.
 */
export function plantedBugs() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => {
      const file = join(folder, name);
      const text = readFileSync(file, 'utf8');
      const line = (key) => {
        const found = new RegExp(`^${key}: (.+)$`, 'm').exec(text)?.[1];
        if (found === undefined) throw new Error(`${name}: there is no line '${key}: …'`);
        return found.trim();
      };
      const number = (key) => new RegExp(`^${key}: (\\d+)$`, 'm').exec(text)?.[1];
      const stem = name.replace(/\.patch$/, '');
      return {
        name: stem,
        file,
        title: line('Bug'),
        test: line('Test'),
        match: line('Match'),
        runs: number('Runs'),
        seed: number('Seed'),
      };
    });
}
