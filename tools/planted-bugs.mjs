import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

const folder = join(root, 'tests/planted');

/**
 * The bugs of tests/planted, by name: each a patch with three lines above it, which say what the bug is (`Bug: …`), which
 * test file must catch it (`Test: …`), and which of its tests (`Match: …`, as for ava's `--match`).
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
      return { name: name.replace(/\.patch$/, ''), file, title: line('Bug'), test: line('Test'), match: line('Match') };
    });
}
