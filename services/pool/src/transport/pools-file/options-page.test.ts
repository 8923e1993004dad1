import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { plainOptions } from '../../domain/options/plain-options.js';
import type { PlainOptions } from '../../domain/options/plain-options.js';
import { isMapping } from '../../domain/options/plain-options.js';
import { readPools } from './read-pools.js';

const PAGE = join(import.meta.dirname, '../../../../../docs/pool.md');

/** Those whose default follows from something else, or is that there is none. */
const WITHOUT_DEFAULT = ['cmd_new', 'cmd_delete', 'cmd_release', 'cmd_livecheck', 'cmd_list', 'description', 'user'];
const SAID_OTHERWISE = [...WITHOUT_DEFAULT, 'sweep.prefix', 'log_limit'];

/** Options by path, with what the page says is their default. */
function onThePage(): Map<string, string> {
  const [, section = ''] = /^## Options\n(.*?)^## /ms.exec(readFileSync(PAGE, 'utf8')) ?? [];
  return new Map(
    [...section.matchAll(/^\| `([\w.]+)` *\| *(.*?) *\|/gm)].map(([, path = '', value = '']) => [path, value]),
  );
}

function optionsOf(value: PlainOptions, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, one]) => {
    const below = path === '' ? name : `${path}.${name}`;
    if (isMapping(one) && Object.keys(one).length > 0) return optionsOf(one, below);
    const text = typeof one === 'string' ? one : JSON.stringify(one).replaceAll('"', '').replaceAll(',', ', ');
    return [[below, `\`${text}\``] as const];
  });
}

test('the page of pools has every option with its default, and no other', async (t) => {
  const all = 'cmd_new: a, cmd_delete: b, cmd_release: c, cmd_livecheck: d, cmd_list: e, description: f, user: g';
  const { pools } = await readPools(`vms: { ${all} }`, 'pools.yaml');
  const inForce = new Map(optionsOf(plainOptions(pools[0]!)));
  const page = onThePage();
  t.deepEqual([...page.keys()].sort(), [...inForce.keys()].sort());
  for (const [path, value] of page) if (!SAID_OTHERWISE.includes(path)) t.is(value, inForce.get(path) ?? '', path);
});
