import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram, requireServer, startBerthd } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'What is there': [/^berth\.lease\.v1\.LeaseService$/m, /rpc Acquire/, /SERVING/, /"name": "resource1"/],
  'Take a bench': [/"granted"/, /"owner": "alice"/, /"fencingToken": "\d+"/, /"socket": "127\.0\.0\.1:4567"/],
  'Who holds what': [/"description": "soak test, ask alice"/, /"holder": "alice"/, /"current": true/],
  'The queue': [/"position": 1/, /"requestId": "bob-1"/, /"priority": 80/],
  Maintenance: [/CONDITION_STATE_MAINTENANCE/, /"reason": "new cable"/, /CONDITION_STATE_READY/],
  'Take a bench back': [/"revoked": true/],
  'Give a bench back': [/"released": true/],
  'With buf curl': [/berth\.lease\.v1\.LeaseService\/Acquire/, /"granted"/],
};

interface Section {
  readonly heading: string;
  readonly commands: string;
}

function sections(): Section[] {
  const page = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block).join('');
      return { heading: text.slice(0, text.indexOf('\n')), commands };
    });
}

/** A folder with programs of the same names that talk to `address` where the page says 127.0.0.1:7070. */
function redirected(t: ExecutionContext, address: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-page-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  for (const name of ['grpcurl', 'npx']) {
    const program = join(dir, name);
    const real = findProgram(name) ?? name;
    writeFileSync(program, `#!/usr/bin/env bash\nexec '${real}' "\${@//127.0.0.1:7070/${address}}"\n`);
    chmodSync(program, 0o755);
  }
  return dir;
}

if (requireServer(test, 'grpcurl')) {
  test('the commands of the operating page do what it says, as they stand', async (t) => {
    const berthd = await startBerthd({ inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8') });
    t.teardown(() => berthd.stop());
    const PATH = [redirected(t, berthd.address), process.env['PATH'] ?? ''].join(delimiter);
    t.deepEqual(
      sections().map(({ heading }) => heading),
      Object.keys(EXPECTED),
    );
    for (const { heading, commands } of sections()) {
      const script = `set -euo pipefail\n${commands}`;
      const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, PATH },
      });
      t.is(status, 0, `${heading}: ${stdout}${stderr}`);
      for (const expected of EXPECTED[heading] ?? []) t.regex(stdout, expected, heading);
    }
  });
}
