import test from 'ava';
import { planPutOffer } from './commands/inventory.js';
import { lacksOf } from './lacks.js';
import type { Offer } from './model.js';
import { Scene } from '../../simulation/scene.js';
import { attributes, bench, named, offer, requirement } from '../../simulation/specs.js';

const x = requirement({ attributes: ['x'] });
const y = requirement({ attributes: ['y'] });

/** What is lacking, each as `attribute × count of affinity: pool=weight …`. */
function lacks(scene: Scene): string[] {
  return lacksOf(scene.state, scene.now).lacks.map(
    ({
      requirement: {
        attributes: [name = ''],
      },
      affinity,
      count,
      offers,
    }) => {
      const pools = offers.map(({ pool, weight }) => `${pool}=${String(weight)}`);
      return `${name} × ${String(count)} of '${affinity}': ${pools.join(' ')}`;
    },
  );
}

function farm(...offers: readonly Offer[]): Scene {
  const scene = new Scene({}, bench('own', { attributes: attributes('z') }));
  for (const one of offers) scene.run((draft) => planPutOffer(draft, one));
  return scene;
}

test('requests that follow each other and lack the same are counted together, best first', (t) => {
  const scene = farm(offer('b', ['x:2', 'y']), offer('a', ['x:5']));
  for (const [id, wanted] of [
    ['r1', [x]],
    ['r2', [x, x]],
    ['r3', [y]],
    ['r4', [x]],
  ] as const) {
    scene.acquire(id, wanted);
  }
  t.deepEqual(lacks(scene), ["x × 3 of '': a=5 b=2", "y × 1 of '': b=0", "x × 1 of '': a=5 b=2"]);
  t.is(lacksOf(scene.state, scene.now).lacks[0]?.sinceMs, scene.waiting('r1').arrivalMs);
});

test('what is kept for a request is not lacking, and what no offer could make is not told', (t) => {
  const scene = farm(offer('a', ['x']));
  scene.acquire('r1', [named('own'), x]);
  t.deepEqual(lacks(scene), ["x × 1 of '': a=0"]);
  t.deepEqual(
    lacksOf(scene.state, scene.now).claimed.map(({ spec }) => spec.name),
    ['own'],
  );
  scene.acquire('r2', [named('own')]);
  t.is(lacks(scene).length, 1);

  const half = farm(offer('a', ['z']));
  half.acquire('r1', [requirement({ attributes: ['z'] }), requirement({ attributes: ['z'] })]);
  t.deepEqual(lacks(half), ["z × 1 of '': a=0"], 'one of the two is there, and kept');
});

test('requests of different affinities lack different benches', (t) => {
  const scene = farm(offer('a', ['x']));
  scene.acquire('r1', [x], { affinity: 'team' });
  scene.acquire('r2', [x]);
  t.deepEqual(lacks(scene), ["x × 1 of 'team': a=0", "x × 1 of '': a=0"]);
});

test('what is made on demand is lacking only for those that ask for it, and for one that it would complete', (t) => {
  const [asked, plain] = [requirement({ attributes: ['d', 'x'] }), x];
  const scene = farm(offer('q', ['x', 'd'], { onDemand: ['d'] }), offer('a', ['x'], { capacity: 1 }));
  scene.acquire('r1', [plain, plain]);
  t.deepEqual(lacks(scene), [], 'the second one is made for nobody who does not ask');
  scene.acquire('r2', [asked, plain]);
  t.deepEqual(lacks(scene), ["d × 1 of '': q=0", "x × 1 of '': a=0 q=0"]);
});

test('a request that could never be met as things are lacks nothing', (t) => {
  const scene = farm(offer('a', ['x']));
  scene.acquire('r1', [x, x]);
  scene.run((draft) => planPutOffer(draft, offer('a', ['x'], { capacity: 1 })));
  t.deepEqual(lacks(scene), []);
  scene.acquire('r2', [x]);
  t.deepEqual(lacks(scene), ["x × 1 of '': a=0"]);
});
