import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { connect } from '@berth/client';
import { closedAfter } from '@berth/testkit';
import { berthdOf } from '../driver/engines.js';

const PAGE = join(import.meta.dirname, '../../docs/reference/metrics.md');
interface Row {
  readonly type: string;
  readonly labels: readonly string[];
  readonly meaning: string;
}

/** The metrics that the page has, by name. */
function onThePage(): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const line of readFileSync(PAGE, 'utf8').split('\n')) {
    const [, name = '', type = '', labels = '', meaning = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^`[a-z_\d]+`$/.test(name)) continue;
    found.set(name.slice(1, -1), {
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label),
      meaning,
    });
  }
  return found;
}

/** The name that a line of values belongs to: histograms have three. */
function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(family) === 'histogram' ? family : name;
}

test('the page of metrics has every metric with its type and labels, and no other', async (t) => {
  const berthd = await berthdOf(t, { settings: { http: { listen: '127.0.0.1:0' } } });
  const berth = closedAfter(t, connect({ address: berthd.address }));
  await berth.lease.listLeases({});
  await fetch(`${berthd.http ?? ''}/readyz`);
  const text = await (await fetch(`${berthd.http ?? ''}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const page = onThePage();
  t.deepEqual(
    [...page].map(([name, { type }]) => `${name} ${type}`).sort(),
    [...types].map((pair) => pair.join(' ')).sort(),
  );
  for (const [, name = '', labels = ''] of text.matchAll(/^(berth_[a-z_\d]+)\{(.*)\} \S+$/gm)) {
    const family = familyOf(name, types);
    const used = [...labels.matchAll(/(?:^|,)(\w+)="/g)]
      .map(([, label = '']) => label)
      .filter((label) => label !== 'le');
    t.deepEqual([...new Set(used)].sort(), [...(page.get(family)?.labels ?? [])].sort(), name);
  }
  for (const [name, { meaning }] of page) if (name.startsWith('berth_')) t.regex(meaning, /\w/, name);
});
