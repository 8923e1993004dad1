import test from 'ava';
import { planAcquire } from './commands/acquire.js';
import { planCreateBench, planPutOffer } from './commands/inventory.js';
import { planCancel, planPrioritise } from './commands/queue.js';
import { planDetach } from './commands/streams.js';
import type { BenchSpec, Requirement } from './model.js';
import { schedule } from './schedule.js';
import { OPERATOR, Scene } from '../../simulation/scene.js';
import { attributes, bench, named, offer, request, requirement } from '../../simulation/specs.js';

const any = requirement();
const three = [bench('b1'), bench('b2'), bench('b3')];

function claims(scene: Scene): Record<string, string> {
  return Object.fromEntries(
    [...schedule(scene.state, scene.now).claims].map(([one, by]) => [one.spec.name, by.spec.requestId]),
  );
}

test('a request for two of three that waits is not overtaken by one for one', (t) => {
  const scene = new Scene({}, ...three);
  scene.acquire('holder', [any, any]);
  t.is(scene.acquire('pair', [any, any]).kind, 'waiting');
  t.is(scene.acquire('single', [any]).kind, 'waiting');
  t.deepEqual(claims(scene), { b3: 'pair' });
  scene.release('holder');
  t.is(scene.held('pair')?.length, 2);
  t.is(scene.held('single')?.length, 1);
});

test('with backfill it is overtaken', (t) => {
  const scene = new Scene({ backfill: true }, ...three);
  scene.acquire('holder', [any, any]);
  t.is(scene.acquire('pair', [any, any]).kind, 'waiting');
  t.is(scene.acquire('single', [any]).kind, 'granted');
  t.deepEqual(scene.queue, ['pair']);
});

test('crosswise requests for several benches never block each other', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('h1', [named('b1')]);
  scene.acquire('h2', [named('b2')]);
  scene.acquire('left', [named('b1'), named('b2')]);
  scene.acquire('right', [named('b2'), named('b1')]);
  scene.release('h2');
  t.deepEqual(claims(scene), { b2: 'left' });
  scene.release('h1');
  t.deepEqual(scene.held('left'), ['b1', 'b2']);
  scene.release('left');
  t.deepEqual(scene.held('right'), ['b2', 'b1']);
});

test('a better request takes over the claims of a worse one', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'), bench('b3'));
  scene.acquire('h2', [named('b2')]);
  scene.acquire('h3', [named('b3')]);
  scene.acquire('worse', [named('b1'), named('b2')]);
  t.deepEqual(claims(scene), { b1: 'worse' });
  scene.acquire('better', [named('b1'), named('b3')], { priority: 60 });
  t.deepEqual(claims(scene), { b1: 'better' });
  scene.acquire('alone', [named('b1')], { priority: 70 });
  t.deepEqual(scene.held('alone'), ['b1']);
});

test('requests for other benches do not wait for each other', (t) => {
  const scene = new Scene({}, ...three);
  scene.acquire('h1', [named('b1')]);
  scene.acquire('waits', [named('b1'), named('b2')], { priority: 100 });
  t.is(scene.acquire('other', [named('b3')], { priority: 0 }).kind, 'granted');
});

test('a request that became impossible keeps nothing from the others', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2', { attributes: attributes('x') }));
  scene.acquire('h2', [named('b2')]);
  scene.acquire('pair', [named('b1'), requirement({ attributes: ['x'] })]);
  scene.acquire('single', [named('b1')]);
  t.deepEqual(scene.queue, ['pair', 'single']);
  scene.run((draft) => {
    draft.emit({ type: 'BenchPut', spec: bench('b2'), origin: 'inventory', atMs: draft.now });
    draft.schedule();
  });
  t.deepEqual(scene.queue, ['pair']);
  t.deepEqual(scene.held('single'), ['b1']);
});

test('a request that waits for what is made only on demand, and does not ask for it, keeps nothing from the others', (t) => {
  const x = requirement({ attributes: ['x'] });
  const scene = new Scene({}, bench('b1', { attributes: attributes('x') }));
  const onDemand = offer('q', ['x', 'gpu'], { capacity: 3, onDemand: ['gpu'] });
  scene.run((draft) => planPutOffer(draft, onDemand));
  t.is(scene.acquire('pair', [x, x]).kind, 'waiting');
  t.deepEqual(claims(scene), {});
  t.is(scene.acquire('single', [x]).kind, 'granted');
  scene.release('single');
  t.deepEqual(claims(scene), {});
  // Once there is one it is as good as any other.
  scene.run((draft) => planCreateBench(draft, bench('q1', { attributes: attributes('x') }), 'pool/q'));
  t.is(scene.held('pair')?.length, 2);
});

test('one that asks for what is made on demand claims what it can use', (t) => {
  const asked = requirement({ attributes: ['gpu', 'x'] });
  const scene = new Scene({}, bench('b1', { attributes: attributes('gpu', 'x') }));
  scene.run((draft) => planPutOffer(draft, offer('q', ['x', 'gpu'], { capacity: 1, onDemand: ['gpu'] })));
  scene.acquire('pair', [asked, asked]);
  t.deepEqual(claims(scene), { b1: 'pair' });
});

test('a claim that a grant has made needless is given on in the same batch', (t) => {
  const scene = new Scene(
    {},
    bench('c'),
    bench('d', { attributes: attributes('y:5') }),
    bench('p', { attributes: attributes('x') }),
    bench('q', { attributes: attributes('x', 'y') }),
  );
  scene.acquire('holds c', [named('c')]);
  scene.acquire('holds the others', [named('d'), named('p'), named('q')]);
  scene.acquire('pair', [requirement({ attributes: ['x'] }), named('c')]);
  scene.acquire('wants p', [named('p')]);
  scene.acquire('wants d or q', [requirement({ attributes: ['y'] })]);
  scene.release('holds the others');
  // While 'wants d or q' waits, as many want q as p, and p has fewer attributes: 'pair' claims it. Once it got d, fewer
  // want q.
  t.deepEqual(scene.held('wants d or q'), ['d']);
  t.deepEqual(claims(scene), { q: 'pair' });
  t.deepEqual(scene.held('wants p'), ['p']);
});

for (const [title, rules, waitedMs, first] of [
  ['59 s of waiting do not make up for a point of priority', {}, 59_000, 'later'],
  ['61 s do', {}, 61_000, 'earlier'],
  ['a point may be worth more', { priorityPointMs: 600_000 }, 61_000, 'later'],
  ['strict: no waiting ever makes up for priority', { priorityPointMs: 'strict' }, 10 * 365 * 86_400_000, 'later'],
] as const) {
  test(`order of priorities: ${title}`, (t) => {
    const scene = new Scene(rules, bench('b'));
    scene.acquire('holder', [any]);
    scene.acquire('earlier', [any], { priority: 50 });
    scene.now += waitedMs;
    scene.acquire('later', [any], { priority: 51 });
    t.is(scene.queue[0], first);
    scene.release('holder');
    t.deepEqual(scene.held(first), ['b']);
  });
}

test('of those that came at the same moment, the one committed first is better', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.batch(['first', 'second', 'third'].map((id) => (draft) => planAcquire(draft, request(id, [any]), 's1')));
  t.deepEqual(scene.queue, ['first', 'second', 'third']);
});

test('a changed priority changes the place, and may grant at once', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b2')]);
  scene.acquire('pair', [named('b1'), named('b2')]);
  scene.acquire('single', [named('b1')]);
  t.deepEqual(scene.queue, ['pair', 'single']);
  scene.run((draft) => planPrioritise(draft, 'single', OPERATOR, 90));
  t.is(scene.state.requests.get('single'), undefined);
  t.deepEqual(scene.held('single'), ['b1']);
  t.is(
    scene.refusal(() => scene.run((draft) => planPrioritise(draft, 'single', OPERATOR, 1))).reason,
    'NO_SUCH_REQUEST',
  );
});

test('cancelling a request gives its claims to the next', (t) => {
  const scene = new Scene({}, bench('b1'), bench('b2'));
  scene.acquire('holder', [named('b2')]);
  scene.acquire('pair', [named('b1'), named('b2')], { owner: 'ann' });
  scene.acquire('single', [named('b1')]);
  const bob = { actor: { name: 'bob', kind: 'caller' as const }, operator: false };
  t.is(scene.refusal(() => scene.run((draft) => planCancel(draft, 'pair', bob, ''))).reason, 'PERMISSION_DENIED');
  scene.run((draft) => planCancel(draft, 'pair', OPERATOR, 'wrong bench'));
  t.deepEqual(scene.held('single'), ['b1']);
});

test('a detached request keeps what it would get, and is granted when its caller is back', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any]);
  scene.acquire('away', [any], { graceMs: 10_000 });
  scene.acquire('next', [any]);
  scene.run((draft) => planDetach(draft, 'away', 's1'));
  scene.release('holder');
  t.deepEqual(claims(scene), { b: 'away' });
  t.deepEqual(scene.queue, ['away', 'next']);
  t.is(scene.acquire('away', [any], { graceMs: 10_000 }, 's2').kind, 'granted');
});

const x = requirement({ attributes: ['x'] });
const CHOICES: readonly [
  string,
  readonly BenchSpec[],
  readonly (readonly [string, Requirement])[],
  Requirement,
  string,
][] = [
  [
    'the one with most weight',
    [bench('b1', { attributes: attributes('x:1') }), bench('b2', { attributes: attributes('x:3', 'y') })],
    [],
    x,
    'b2',
  ],
  [
    'weights of attributes that were not asked for count nothing',
    [bench('b1', { attributes: attributes('x:1') }), bench('b2', { attributes: attributes('x', 'y:9') })],
    [],
    x,
    'b1',
  ],
  [
    'the one that fewest others wait for',
    [bench('b1', { attributes: attributes('x') }), bench('b2', { attributes: attributes('x', 'y') }), bench('gone')],
    [['w', requirement({ bench: 'b1' })]],
    x,
    'b2',
  ],
  [
    'the one with fewest further attributes',
    [bench('b1', { attributes: attributes('x', 'y') }), bench('b2', { attributes: attributes('x') })],
    [],
    x,
    'b2',
  ],
  [
    'attributes of entities are further ones too',
    [
      bench('b1', { attributes: attributes('x'), entities: { dut: { attributes: attributes('y'), properties: {} } } }),
      bench('b2', { attributes: attributes('x') }),
    ],
    [],
    x,
    'b2',
  ],
  ['the first by name, when they are equal', [bench('b2'), bench('b1')], [], any, 'b1'],
];

for (const [what, benches, others, wanted, chosen] of CHOICES) {
  test(`of several free benches: ${what}`, (t) => {
    const scene = new Scene({}, ...benches);
    // Those who wait hold nothing: they want what is held as well.
    for (const [id, first] of others) {
      scene.acquire('keeps', [requirement({ bench: 'gone' })]);
      scene.acquire(id, [first, requirement({ bench: 'gone' })], { priority: 0 });
    }
    scene.acquire('r', [wanted]);
    t.deepEqual(scene.held('r'), [chosen]);
  });
}

test('of equal benches the one that was not used for longest is taken', (t) => {
  const scene = new Scene({}, ...three);
  for (const [id, got] of [
    ['r1', 'b1'],
    ['r2', 'b2'],
    ['r3', 'b3'],
    ['r4', 'b1'],
  ] as const) {
    scene.acquire(id, [any]);
    t.deepEqual(scene.held(id), [got]);
    scene.release(id);
  }
});

test('a bench with an affinity goes to requests with the same one, and first', (t) => {
  const scene = new Scene(
    {},
    bench('b1', { attributes: attributes('x:9') }),
    bench('kept', { affinity: 'nightly', attributes: attributes('x') }),
  );
  scene.acquire('nightly', [x], { affinity: 'nightly' });
  t.deepEqual(scene.held('nightly'), ['kept']);
  scene.release('nightly');
  scene.acquire('anybody', [x]);
  t.deepEqual(scene.held('anybody'), ['b1']);
  t.is(scene.acquire('another', [x]).kind, 'waiting');
  t.is(scene.acquire('other affinity', [x], { affinity: 'daily' }).kind, 'waiting');
});
