import test from 'ava';
import { pino } from 'pino';
import type { ParentCheck } from '../ports/parent-check.js';
import { parentsByKind } from './parents-by-kind.js';

const log = pino({ level: 'silent' });

/** A check that notes what it is asked, and finds gone what ends in 0. */
function noting(asked: (readonly string[])[], fails = () => false): ParentCheck {
  return {
    look: (parents) => {
      asked.push(parents);
      if (fails()) return Promise.reject(new Error('away'));
      return Promise.resolve({ gone: new Set(parents.filter((name) => name.endsWith('0'))), unknown: new Set() });
    },
  };
}

test('each parent is asked about by the check of its kind; of others nobody is asked, and they are there', async (t) => {
  const [leases, tickets]: [(readonly string[])[], (readonly string[])[]] = [[], []];
  const both = parentsByKind({ lease: noting(leases), ticket: noting(tickets) }, log);
  const names = ['lease/a/ls-0', 'ticket/10', 'anything-0', 'lease/a/ls-1', 'constructor/0', '/0'];
  t.deepEqual(await both.begin()(names), { gone: new Set(['lease/a/ls-0', 'ticket/10']), unknown: new Set() });
  t.deepEqual([leases, tickets], [[['lease/a/ls-0', 'lease/a/ls-1']], [['ticket/10']]]);
  const one = parentsByKind({ ticket: noting(tickets) }, log);
  t.deepEqual(await one.begin()(names), { gone: new Set(['ticket/10']), unknown: new Set() });
});

test('a kind that cannot be asked about is unknown for the rest of that look, without being asked again', async (t) => {
  const [leases, tickets]: [(readonly string[])[], (readonly string[])[]] = [[], []];
  let away = true;
  const parents = parentsByKind({ lease: noting(leases, () => away), ticket: noting(tickets) }, log);
  const look = parents.begin();
  const first = await look(['lease/a/ls-0', 'ticket/10']);
  t.deepEqual(first, { gone: new Set(['ticket/10']), unknown: new Set(['lease/a/ls-0']) });
  away = false;
  t.deepEqual(await look(['lease/a/ls-10']), { gone: new Set(), unknown: new Set(['lease/a/ls-10']) });
  t.is(leases.length, 1);
  t.deepEqual(await parents.begin()(['lease/a/ls-10']), { gone: new Set(['lease/a/ls-10']), unknown: new Set() });
});
