import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireServer } from '@berth/testkit';
import test from 'ava';
import { berthdOf } from '../driver/engines.js';
import { runProgram } from '../driver/run-program.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/operating.md');

interface Block {
  readonly heading: string;
  readonly script: string;
}

/** The page's `sh` blocks in order, each with the heading it stands under. */
function blocks(): Block[] {
  const found: Block[] = [];
  let heading = '';
  for (const [, title, script] of readFileSync(PAGE, 'utf8').matchAll(/^##? (.+)$|^```sh\n([^]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    if (script !== undefined) found.push({ heading, script });
  }
  return found;
}

/** What a block must show, by a piece of its script. */
const SHOWS: readonly (readonly [script: string, output: RegExp])[] = [
  [' list\n', /^berth\.lease\.v1\.LeaseService$/m],
  ['Health/Check', /"SERVING"/],
  ['InventoryService/ListBenches', /"name": "resource1"/],
  ['"alice-1"', /"granted"/],
  ['LeaseService/ListLeases\ngrpcurl', /"owner": "alice"/],
  ['CheckToken', /"current": true/],
  ['"bob-1",', /"position": 1/],
  ['ListQueue', /"requestId": "bob-1"/],
  ['SetPriority', /"priority": 80/],
  ['CONDITION_STATE_MAINTENANCE', /"new cable"/],
  ['CONDITION_STATE_READY', /"CONDITION_STATE_READY"/],
  ['/Revoke', /"revoked": true/],
  ['/Release', /"released": true/],
  ['buf curl', /"granted"/],
];

if (requireServer(test, 'grpcurl')) {
  test('every command of the operating page works, in its order and as it stands', async (t) => {
    const berthd = await berthdOf(t, { inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8') });
    const all = blocks();
    const shown = new Set<string>();
    for (const { heading, script } of all) {
      // Only the port is another one, so that the test can run beside a server.
      const here = script.replaceAll('127.0.0.1:7070', berthd.address);
      const { code, stdout, stderr } = await runProgram('bash', ['-euo', 'pipefail', '-c', here]);
      t.is(code, 0, `${heading}:\n${script}\n${stderr}`);
      for (const [piece, output] of SHOWS) {
        if (!script.includes(piece)) continue;
        shown.add(piece);
        t.regex(stdout, output, `${heading}:\n${script}`);
      }
    }
    // Each expectation was met by a block, so a page that lost one is noticed.
    t.deepEqual(
      SHOWS.map(([piece]) => piece).filter((piece) => !shown.has(piece)),
      [],
    );
  });
}
