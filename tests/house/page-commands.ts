import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findProgram, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** What stands below one heading of a page. */
export interface Section {
  readonly heading: string;
  /** All its `sh` blocks, in order. */
  readonly commands: string;
}

/** The sections of a page of docs/ by their headings of level 2. */
export function sectionsOf(page: string): Section[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const commands = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block).join('');
      return { heading: section.slice(0, section.indexOf('\n')), commands };
    });
}

/**
 * Runs the commands of a page as they stand, section by section, against a server at `address` where the page says
 * 127.0.0.1:7070, and at `http` (a URL) where it says http://127.0.0.1:7080. Each must succeed, and print what is expected of
 * its section.
 */
export function runPage(
  t: ExecutionContext,
  page: string,
  address: string,
  expected: Readonly<Record<string, readonly RegExp[]>>,
  http = 'http://127.0.0.1:7080',
): void {
  const env = {
    ...process.env,
    BERTH_ADDRESS: address,
    PATH: [redirected(t, address, http), process.env['PATH'] ?? ''].join(delimiter),
  };
  const sections = sectionsOf(page);
  t.deepEqual(
    sections.map(({ heading }) => heading),
    Object.keys(expected),
  );
  for (const { heading, commands } of sections) {
    const script = `set -euo pipefail\n${commands}`;
    // With a socket as input, as here, a first shell takes itself for one of rshd and reads ~/.bashrc, which may set PATH.
    const args = ['--norc', '-c', script];
    const { status, stdout, stderr } = spawnSync('bash', args, { cwd: ROOT, encoding: 'utf8', env });
    t.is(status, 0, `${heading}, with HTTP at ${http}: ${stdout}${stderr}`);
    for (const pattern of expected[heading] ?? []) t.regex(stdout, pattern, heading);
  }
}

/** A folder with programs of the same names that talk to `address` and `http`. */
function redirected(t: ExecutionContext, address: string, http: string): string {
  const dir = tempFolder(t);
  for (const name of ['grpcurl', 'npx', 'curl', 'python3']) {
    const program = join(dir, name);
    const real = findProgram(name) ?? name;
    const args = [`"\${@//127.0.0.1:7070/${address}}"`, `"\${@//http:\\/\\/127.0.0.1:7080/${http}}"`];
    writeFileSync(program, `#!/usr/bin/env bash\nset -- ${args[0] ?? ''}\nexec '${real}' ${args[1] ?? ''}\n`);
    chmodSync(program, 0o755);
  }
  return dir;
}
