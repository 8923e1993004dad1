import test from 'ava';
import { planCreateBench, planDeleteBench, planPutOffer } from './commands/inventory.js';
import type { Offer } from './model.js';
import { OPERATOR, Scene } from '../../simulation/scene.js';
import { attributes, bench, named, offer, requirement } from '../../simulation/specs.js';

const any = requirement();

function lab(): Scene {
  return new Scene(
    {},
    bench('bench-1', { location: 'office1', attributes: attributes('a', 'b') }),
    bench('bench-2', { location: 'office2', attributes: attributes('a') }),
    bench('kept', { location: 'office3', affinity: 'nightly', attributes: attributes('z') }),
  );
}

test('an empty lab says that it is empty', (t) => {
  const scene = new Scene();
  const { reason, message } = scene.refusal(() => scene.acquire('r', [any]));
  t.is(reason, 'NO_SUCH_BENCH');
  t.regex(message, /has no benches: apply an inventory first/);
});

for (const [what, wanted, text] of [
  ['a bench by a wrong name', [named('bnech-1')], /no bench 'bnech-1'; did you mean 'bench-1'\?/],
  [
    'a bench by a name like no other',
    [named('something-else')],
    /There is no bench 'something-else'\. List what there is/,
  ],
  [
    'attributes that no bench has together',
    [requirement({ attributes: ['a', 'c'] })],
    /nearest is 'bench-1': it lacks attribute c\./,
  ],
  ['a place and attribute', [requirement({ location: 'office2', attributes: ['b'] })], /nearest is 'bench-\d': /],
  [
    'what is kept for others',
    [requirement({ location: 'office3', attributes: ['z'] })],
    /nearest is 'kept': it is kept for affinity 'nightly'/,
  ],
  [
    'more benches than there are',
    [any, any, any],
    /needs 3 different benches like this .*only 2 can meet it \('bench-1', 'bench-2'\)/,
  ],
] as const) {
  test(`what can never be had is refused with the nearest miss: ${what}`, (t) => {
    const scene = lab();
    const { reason, message, details } = scene.refusal(() => scene.acquire('r', wanted));
    t.is(reason, 'NO_SUCH_BENCH');
    t.regex(message, text);
    t.regex(details.fields?.[0]?.field ?? '', /^requirements\[\d\]$/);
    t.deepEqual(scene.queue, []);
  });
}

test('the requirement that cannot be met is the one that is named', (t) => {
  const scene = lab();
  const { details } = scene.refusal(() => scene.acquire('r', [any, named('nowhere')]));
  t.is(details.fields?.[0]?.field, 'requirements[1]');
});

test('a bench that is being removed cannot be asked for any more', (t) => {
  const scene = lab();
  scene.acquire('holder', [named('bench-1')]);
  scene.run((draft) => planDeleteBench(draft, 'bench-1', '', { force: false }, OPERATOR));
  const { reason, message } = scene.refusal(() => scene.acquire('r', [named('bench-1')]));
  t.is(reason, 'NO_SUCH_BENCH');
  t.regex(message, /'bench-1' is being removed: it goes when its present lease ends/);
  const alike = scene.refusal(() => scene.acquire('r', [requirement({ attributes: ['b'] })]));
  t.is(alike.reason, 'NO_SUCH_BENCH');
  t.regex(alike.message, /nearest is 'bench-2': it lacks attribute b/);
});

test('maintenance of all candidates is told with who, why and until when', (t) => {
  const scene = lab();
  scene.setCondition('bench-1', 'MAINTENANCE', 'new firmware', Date.UTC(2030, 0, 2, 3));
  const { reason, message, details } = scene.refusal(() => scene.acquire('r', [named('bench-1')]));
  t.is(reason, 'BENCH_UNAVAILABLE');
  t.regex(message, /'bench-1' is in MAINTENANCE by olga: new firmware until 2030-01-02T03:00:00\.000Z/);
  t.regex(message, /allow_maintenance/);
  t.deepEqual(
    details.preconditions?.map(({ type, subject }) => [type, subject]),
    [['MAINTENANCE', 'bench-1']],
  );
});

test('allow_maintenance lends benches in maintenance, and no others that are away', (t) => {
  const scene = lab();
  scene.setCondition('bench-1', 'MAINTENANCE');
  scene.acquire('repair', [named('bench-1')], { allowMaintenance: true });
  t.deepEqual(scene.held('repair'), ['bench-1']);
  for (const state of ['QUARANTINED', 'OFFLINE'] as const) {
    scene.setCondition('bench-2', state);
    const { reason, message } = scene.refusal(() => scene.acquire('r', [named('bench-2')], { allowMaintenance: true }));
    t.is(reason, 'BENCH_UNAVAILABLE');
    t.notRegex(message, /allow_maintenance/);
  }
});

test('a retired bench does not make up for one in maintenance', (t) => {
  const scene = lab();
  scene.acquire('holder', [named('bench-1')]);
  scene.run((draft) => planDeleteBench(draft, 'bench-1', '', { force: false }, OPERATOR));
  scene.setCondition('bench-2', 'MAINTENANCE');
  t.is(scene.refusal(() => scene.acquire('r', [requirement({ attributes: ['a'] })])).reason, 'BENCH_UNAVAILABLE');
});

test('one candidate in maintenance of two is no reason to refuse', (t) => {
  const scene = lab();
  scene.acquire('holder', [named('bench-2')]);
  scene.setCondition('bench-1', 'MAINTENANCE');
  t.is(scene.acquire('r', [any]).kind, 'waiting');
});

test('what a pool could make is waited for', (t) => {
  const scene = lab();
  const wanted = [requirement({ attributes: ['gpu'] })];
  t.is(scene.refusal(() => scene.acquire('r', wanted)).reason, 'NO_SUCH_BENCH');
  scene.run((draft) => planPutOffer(draft, offer('farm', ['gpu'], { available: 0, blockedReason: 'quota' })));
  t.is(scene.acquire('r', wanted).kind, 'waiting');
  t.is(
    scene.refusal(() => scene.acquire('q', [requirement({ bench: 'farm-1', attributes: ['gpu'] })])).reason,
    'NO_SUCH_BENCH',
  );
});

test('who does not wait is told who holds what, and leaves no trace', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'), bench('b3'));
  scene.acquire('holder', [named('b1')], { owner: 'bob', description: 'soak test' });
  scene.now += 5_000;
  scene.setCondition('b2', 'OFFLINE');
  scene.acquire('pair', [named('b3'), named('b1')]);
  const { reason, message, details } = scene.refusal(() => scene.acquire('r', [any], { waitMs: 0 }));
  t.is(reason, 'BENCH_BUSY');
  t.deepEqual(
    details.resources?.map(({ type, name, owner }) => [type, name, owner]),
    [
      ['berth.dev/Bench', 'b1', 'bob'],
      ['berth.dev/Bench', 'b2', ''],
      ['berth.dev/Bench', 'b3', ''],
    ],
  );
  t.deepEqual(details.quota, [
    { subject: 'b1', description: "'b1' is held by bob (soak test) for 5 s" },
    { subject: 'b2', description: "'b2' is in OFFLINE" },
    { subject: 'b3', description: "'b3' is kept for a better request" },
  ]);
  t.regex(message, /held by bob \(soak test\) for 5 s; 'b2' is in OFFLINE; 'b3' is kept for a better request/);
  t.deepEqual(scene.queue, ['pair']);
  t.deepEqual([scene.events, scene.steps], [[], []]);
});

test('who does not wait gets what is free', (t) => {
  const scene = new Scene({}, bench('b1'));
  t.is(scene.acquire('r', [any], { waitMs: 0 }).kind, 'granted');
});

test('a bench that is passed over for its affinity is told as that', (t) => {
  const pair = attributes('x86_64');
  const specs = [
    bench('pair-1', { attributes: pair }),
    bench('pair-2', { attributes: pair, affinity: 'network-tests' }),
  ];
  const scene = new Scene({}, ...specs, bench('other', { affinity: 'network-tests' }));
  const x86 = requirement({ attributes: ['x86_64'] });
  const refused = (more: Parameters<Scene['acquire']>[2] = {}): string =>
    scene.refusal(() => scene.acquire('r', more.waitMs === 0 ? [x86] : [x86, x86], more)).message;
  const text = /\. 'pair-2' is kept for affinity 'network-tests': ask with that affinity to get such a bench\. /;
  t.regex(refused(), /only 1 can meet it \('pair-1'\)/);
  t.regex(refused(), text);
  scene.acquire('holder', [named('pair-1')]);
  t.regex(refused({ waitMs: 0 }), text);
  scene.setCondition('pair-1', 'OFFLINE', 'no power');
  t.regex(scene.refusal(() => scene.acquire('r', [x86])).message, text);
  t.is(scene.acquire('r', [x86], { affinity: 'network-tests' }).kind, 'granted');
});

function offerOf(capacity: number): Offer {
  return offer('farm', ['x'], { capacity });
}

const x = requirement({ attributes: ['x'] });

test('a request for more benches than a pool can have is refused, one for as many waits', (t) => {
  const scene = new Scene();
  scene.run((draft) => planPutOffer(draft, offerOf(2)));
  const { reason, message } = scene.refusal(() => scene.acquire('three', [x, x, x]));
  t.is(reason, 'NO_SUCH_BENCH');
  t.regex(message, /needs more benches than there can be: pool 'farm' has at most 2\. Ask for fewer\./);
  t.is(scene.acquire('two', [x, x]).kind, 'waiting');
});

test('what a pool can have includes the benches that it has', (t) => {
  const scene = new Scene({}, bench('own', { attributes: attributes('x') }));
  scene.run((draft) => planPutOffer(draft, offerOf(2)));
  scene.run((draft) => planCreateBench(draft, bench('f1', { attributes: attributes('x') }), 'pool/farm'));
  t.is(scene.refusal(() => scene.acquire('four', [x, x, x, x])).reason, 'NO_SUCH_BENCH');
  t.is(scene.acquire('three', [x, x, x]).kind, 'waiting', 'own, f1 and one more');
  t.is(scene.acquire('named', [named('f1'), x, x]).kind, 'waiting');
  t.is(scene.refusal(() => scene.acquire('too many', [named('f1'), named('own'), x, x])).reason, 'NO_SUCH_BENCH');
});

test('a bench of a pool that cannot serve a request does not stand in its way: the pool may replace it', (t) => {
  const scene = new Scene();
  scene.run((draft) => planPutOffer(draft, offerOf(2)));
  scene.run((draft) => planCreateBench(draft, bench('f1', { affinity: 'team' }), 'pool/farm'));
  t.is(scene.acquire('two', [x, x]).kind, 'waiting');
});

test('a request that waits for more than a pool can have by now claims nothing', (t) => {
  const scene = new Scene({}, bench('own', { attributes: attributes('y') }));
  const y = requirement({ attributes: ['y'] });
  scene.run((draft) => planPutOffer(draft, offerOf(2)));
  scene.acquire('much', [y, x, x]);
  t.is(scene.acquire('little', [y]).kind, 'waiting', "'own' is kept for a better request");
  scene.run((draft) => planPutOffer(draft, offerOf(1)));
  t.deepEqual(scene.held('little'), ['own']);
  t.deepEqual(scene.queue, ['much']);
});
