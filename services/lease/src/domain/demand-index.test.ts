import test from 'ava';
import { planCreateBench } from './commands/inventory.js';
import { planAcquire } from './commands/acquire.js';
import { demandKey } from './demand-key.js';
import { SimulatedLab } from '../../simulation/simulated-lab.js';
import { attributes, bench, request, requirement, RULES } from '../../simulation/specs.js';

for (const [what, a, b] of [
  ['a comma in an attribute', requirement({ attributes: ['a,b'] }), requirement({ attributes: ['a', 'b'] })],
  [
    'a query in a location',
    requirement({ location: 'x&attributes=[a]' }),
    requirement({ location: 'x', attributes: ['a'] }),
  ],
  ['a comma in a label', requirement({ labels: { a: '1,b:2' } }), requirement({ labels: { a: '1', b: '2' } })],
  [
    'an entity name',
    requirement({ entities: [{ name: 'a', attributes: [] }] }),
    requirement({ entities: [{ name: '', attributes: ['a'] }] }),
  ],
] as const) {
  test(`${what} does not make two requirements the same demand`, (t) => {
    t.not(demandKey([a], '', false), demandKey([b], '', false));
    t.not(demandKey([a, b], '', false), demandKey([b, a], '', false));
  });
}

test('labels in another order are the same demand', (t) => {
  const key = (labels: Record<string, string>): string => demandKey([requirement({ labels })], '', false);
  t.is(key({ a: '1', b: '2' }), key({ b: '2', a: '1' }));
});

test('affinity and allow_maintenance make another demand', (t) => {
  const keys = [
    demandKey([requirement()], '', false),
    demandKey([requirement()], 'x', false),
    demandKey([requirement()], '', true),
  ];
  t.is(new Set(keys).size, 3);
});

test('demands that nobody waits for are forgotten when there are many, and made again', (t) => {
  const lab = new SimulatedLab(RULES);
  lab.run((draft) =>
    planCreateBench(
      draft,
      bench('b', { attributes: attributes(...Array.from({ length: 1_100 }, (_, i) => `a${String(i)}`)) }),
      'inventory',
    ),
  );
  lab.run((draft) => planAcquire(draft, request('holder', [requirement()]), 's'));
  lab.run((draft) => planAcquire(draft, request('waits', [requirement({ attributes: ['a7'] })]), 's'));
  for (let i = 0; i < 1_100; i++) {
    lab.state.demands.obtain([requirement({ attributes: [`a${String(i)}`] })], '', false, '', lab.state.benches);
  }
  lab.state.demands.forgetIdle();
  t.deepEqual(
    [...lab.state.demands.all()].map((demand) => demand.requirements[0]?.attributes),
    [['a7']],
  );
  t.is(lab.state.benches.get('b')?.demands.size, 1);
  const again = lab.state.demands.obtain([requirement()], '', false, '', lab.state.benches);
  t.deepEqual([...again.benches], [lab.state.benches.get('b')]);
});

test('requirements that name benches are met by those, one beside them by all that fit', (t) => {
  const lab = new SimulatedLab(RULES);
  for (const name of ['b', 'c', 'd']) lab.run((draft) => planCreateBench(draft, bench(name), 'inventory'));
  const names = (...requirements: Parameters<typeof requirement>[0][]): string[] => {
    const demand = lab.state.demands.obtain(requirements.map(requirement), '', false, '', lab.state.benches);
    return [...demand.benches].map(({ spec }) => spec.name).sort();
  };
  t.deepEqual(names({ bench: 'c' }), ['c']);
  t.deepEqual(names({ bench: 'd' }, { bench: 'b' }), ['b', 'd']);
  t.deepEqual(names({ bench: 'c' }, {}), ['b', 'c', 'd']);
  t.deepEqual(names({ bench: 'nowhere' }), []);
  t.is(lab.state.demands.obtain([requirement({ bench: 'c' })], '', false, '', lab.state.benches).free, 1);
});
