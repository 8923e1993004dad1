import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@berth/client';
import { startBerthd, tempFolder, until } from '@berth/testkit';
import test from 'ava';
import { runPage } from './page-commands.js';

const ROOT = join(import.meta.dirname, '../..');

/** What the commands below a heading must print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'The first ticket': [
    /^ *\d+\n(?: *\d+\n)1 - state=OPEN tags=random_number resource=pool_random_numbers_\d{8}_\d{8}_\d{6}\n/,
    /^\d+ - pool_random_numbers_\d{8}_\d{8}_\d{6} pool=pool_random_numbers tags=random_number,shell_number status=UP releases=0 ticket=1$/m,
    /^my number is \d+$/m,
    /^(web_servers_\d{8}_\d{8}_\d{6})\n\1\n/m,
  ],
  Options: [
    /^examples\/pools\.yaml is valid; applying it would change nothing$/m,
    /^exit 64$/m,
    /^this would change:\npool_random_numbers is changed\n {2}max: 4 → 6$/m,
    /^changed:\npool_random_numbers is changed$/m,
    /^pool_random_numbers:$/m,
  ],
  Commands: [/^==> 1 cmd_new 0 <==$/m, /"name": "pool_random_numbers_/],
  'When something fails': [/^pool_random_numbers /m],
  Maintenance: [/paused by .*the host moves/, /web_servers is active now/],
  'What was forgotten': [],
  'Coming from resalloc': [],
};

test('the commands of the page of pools do what it says, as they stand', async (t) => {
  process.env['WEB_SERVERS'] = tempFolder(t);
  const berthd = await startBerthd({
    inventory: readFileSync(join(ROOT, 'examples/inventory.yaml'), 'utf8'),
    settings: { pool: { file: join(ROOT, 'examples/pools.yaml') } },
  });
  t.teardown(async () => {
    await using berth = connect({ address: berthd.address });
    await berth.pools.deleteResources({ all: true });
    const left = async () => (await berth.pools.listResources({ pool: 'web_servers' })).resources.length;
    await until(async () => (await left()) === 0, { what: 'the web servers to be gone' });
    await berthd.stop();
  });
  runPage(t, 'pool.md', berthd.address, EXPECTED);
});
