import test from 'ava';
import fc from 'fast-check';
import { assign, describeRequirement, meets, misses } from './matching.js';
import type { EntityRequirement, EntitySpec, Requirement } from './model.js';
import { bestAssignment } from '../../simulation/naive-rules.js';
import { checkSeeded } from '@berth/testkit/seeded';
import { attributes, bench, requirement } from '../../simulation/specs.js';

function entity(...names: readonly string[]): EntitySpec {
  return { attributes: attributes(...names), properties: {} };
}

const resource = {
  ...bench('resource1', {
    location: 'office1',
    attributes: attributes('a', 'b'),
    entities: { programmer: entity('c', 'd'), dut: entity('c', 'e') },
    labels: { rack: '7' },
    affinity: 'nightly',
  }),
  origin: 'pool/farm',
};

function need(names: readonly string[], name = ''): EntityRequirement {
  return { name, attributes: names };
}

const CASES: readonly [string, Requirement, readonly string[]][] = [
  ['nothing', requirement({}), []],
  ['its name', requirement({ bench: 'resource1' }), []],
  ['another name', requirement({ bench: 'resource2' }), ["its name is not 'resource2'"]],
  ['its location', requirement({ location: 'office1' }), []],
  ['another location', requirement({ location: 'lab' }), ["its location is 'office1', not 'lab'"]],
  ['some attributes', requirement({ attributes: ['b'] }), []],
  ['an attribute that only an entity has', requirement({ attributes: ['a', 'c'] }), ['it lacks attribute c']],
  ['several it lacks', requirement({ attributes: ['x', 'y'] }), ['it lacks attributes x, y']],
  ['its pool', requirement({ pool: 'farm' }), []],
  ['another pool', requirement({ pool: 'attic' }), ["it is not of pool 'attic'"]],
  ['its label', requirement({ labels: { rack: '7' } }), []],
  ['another label', requirement({ labels: { rack: '8' } }), ["its label rack is not '8'"]],
  // First match would give [c] the programmer, which leaves none for [d].
  ['two entities, one of which fits both', requirement({ entities: [need(['c']), need(['d'])] }), []],
  ['one entity twice', requirement({ entities: [need(['d']), need(['d'])] }), ['it has no further entity with [d]']],
  ['an entity by name', requirement({ entities: [need(['c'], 'dut'), need(['c'])] }), []],
  [
    'a named one it lacks',
    requirement({ entities: [need(['c'], 'psu')] }),
    ["it has no further entity named 'psu' with [c]"],
  ],
  [
    'three of two entities',
    requirement({ entities: [need([]), need([]), need([])] }),
    ['it has no further entity with []'],
  ],
];

for (const [what, wanted, faults] of CASES) {
  test(`a bench held against ${what}: ${faults.length === 0 ? 'it meets it' : faults.join('; ')}`, (t) => {
    t.deepEqual(misses(wanted, resource, 'nightly'), [...faults]);
    t.is(meets(wanted, resource, 'nightly'), faults.length === 0);
  });
}

test('a bench with an affinity serves requests with the same one only', (t) => {
  t.deepEqual(misses(requirement({}), resource, ''), ["it is kept for affinity 'nightly'"]);
  t.deepEqual(misses(requirement({}), resource, 'daily'), ["it is kept for affinity 'nightly'"]);
  t.true(meets(requirement({}), { ...resource, affinity: '' }, 'daily'));
});

test('a requirement is told in the query language', (t) => {
  const full = requirement({
    bench: 'b',
    location: 'l',
    attributes: ['x', 'y'],
    entities: [need(['c']), need(['e', 'f'], 'dut')],
    pool: 'p',
    labels: { k: 'v' },
  });
  t.is(
    describeRequirement(full),
    'bench=b&location=l&attributes=[x,y]&entity_properties=[[c],dut:[e,f]]&pool=p&labels=[k:v]',
  );
});

test('an assignment is the best of all possible ones', (t) => {
  const choices = fc.array(fc.shuffledSubarray(['p', 'q', 'r', 's']), { maxLength: 4 });
  checkSeeded(
    t,
    1_000,
    fc.property(choices, (lists) => {
      const found = assign(lists.length, (i) => lists[i] ?? []);
      const best = bestAssignment(lists);
      if (JSON.stringify(found) !== JSON.stringify(best))
        throw new Error(`${String(found)}, should be ${String(best)}`);
    }),
  );
});

test('who comes first keeps what it wants when the others can do without', (t) => {
  const options = [
    ['a', 'b'],
    ['a', 'c'],
  ];
  t.deepEqual(
    assign(2, (i) => options[i] ?? []),
    ['a', 'c'],
  );
  const without = [['a', 'b'], ['a']];
  t.deepEqual(
    assign(2, (i) => without[i] ?? []),
    ['b', 'a'],
  );
});
