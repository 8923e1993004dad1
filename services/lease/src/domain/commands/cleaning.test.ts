import test from 'ava';
import { caller, OPERATOR, Scene } from '../../../simulation/scene.js';
import { bench, named, requirement } from '../../../simulation/specs.js';
import { planCleanFree, planFinishCleaning } from './cleaning.js';
import { planApplyInventory, planDeleteBench } from './inventory.js';
import { planTransfer } from './leases.js';

const any = requirement();
const CLEANED = bench('b', { recycle: 'CLEAN' });

/** A bench whose first lease is over, and a request that waits for it; the token of that lease. */
function usedBench(): { scene: Scene; token: number } {
  const scene = new Scene({}, CLEANED);
  scene.acquire('holder', [any]);
  const { token } = scene.leaseOf('holder');
  scene.acquire('waits', [any], { allowMaintenance: true });
  scene.release('holder');
  return { scene, token };
}

function finish(scene: Scene, token: number, affinity?: string): void {
  scene.run((draft) => planFinishCleaning(draft, 'b', token, affinity));
}

test('a bench that is cleaned goes to the next only when its cleaning is finished', (t) => {
  const { scene, token } = usedBench();
  t.is(scene.held('waits'), undefined);
  t.is(scene.state.benches.get('b')?.cleaning, token);
  t.is(scene.views.queued(scene.waiting('waits'), scene.now).reason, 'CLEANING');
  finish(scene, token);
  t.deepEqual(scene.held('waits'), ['b']);
});

test('a bench in maintenance that is to be cleaned is not lent to those who allow maintenance', (t) => {
  const { scene, token } = usedBench();
  scene.setCondition('b', 'MAINTENANCE', 'repair');
  t.is(scene.held('waits'), undefined);
  finish(scene, token);
  t.deepEqual(scene.held('waits'), ['b']);
});

test('a cleaning is finished with the token of the last lease only, and once', (t) => {
  const { scene, token } = usedBench();
  const refused = (given: number): string => scene.refusal(() => finish(scene, given)).reason;
  t.is(refused(token - 1), 'STALE_TOKEN');
  finish(scene, token);
  t.is(refused(token), 'STALE_TOKEN', 'it is held again');
  const later = scene.leaseOf('waits').token;
  scene.release('waits');
  t.is(refused(token), 'STALE_TOKEN', 'that was an earlier lease');
  finish(scene, later);
  t.is(refused(0), 'STALE_TOKEN', 'it is free');
});

test('a request that does not wait is told that the bench is being cleaned', (t) => {
  const { scene } = usedBench();
  const error = scene.refusal(() => scene.acquire('now', [named('b')], { waitMs: 0 }));
  t.is(error.reason, 'BENCH_BUSY');
  t.regex(error.message, /'b' is being cleaned after its last lease/);
});

test('a cleaning that keeps the bench for an affinity gives it to no other one', (t) => {
  const { scene, token } = usedBench();
  scene.acquire('mine', [any], { affinity: 'team' });
  finish(scene, token, 'team');
  t.deepEqual(scene.held('mine'), ['b']);
  scene.release('mine');
  finish(scene, scene.state.benches.get('b')!.cleaning, '');
  t.deepEqual(scene.held('waits'), ['b']);
});

test('a transfer is no end of a lease: the cleaning comes after the last owner', (t) => {
  const scene = new Scene({}, CLEANED);
  scene.acquire('holder', [any]);
  const { id } = scene.leaseOf('holder');
  const transfer = { leaseId: id, newOwner: 'bob', hold: 'MANUAL', message: '' } as const;
  scene.run((draft) => planTransfer(draft, caller('ann'), transfer));
  t.is(scene.state.benches.get('b')?.cleaning, 0);
  const { token } = scene.leaseOf('holder');
  scene.release('holder');
  finish(scene, token);
  t.is(scene.state.benches.get('b')?.cleaning, 0);
});

test('a bench that is to be cleaned can be deleted, and one of that name is lent at once', (t) => {
  const { scene } = usedBench();
  scene.run((draft) => planDeleteBench(draft, 'b', '', { force: true }, OPERATOR));
  t.is(scene.state.benches.size, 0);
  scene.run((draft) => planApplyInventory(draft, { specs: [CLEANED], prune: false, force: false }, OPERATOR));
  scene.acquire('next', [any]);
  t.deepEqual(scene.held('next'), ['b']);
});

test('after a loss of the store what is free is cleaned first, if it asks for that', (t) => {
  const scene = new Scene({}, CLEANED, bench('plain'), bench('held', { recycle: 'CLEAN' }));
  scene.acquire('holder', [named('held')]);
  scene.run(planCleanFree);
  const marked = [...scene.state.benches.values()].filter(({ cleaning }) => cleaning !== 0);
  t.deepEqual(
    marked.map(({ spec }) => spec.name),
    ['b'],
  );
  scene.acquire('waits', [named('b')]);
  t.is(scene.held('waits'), undefined);
  finish(scene, scene.state.benches.get('b')!.cleaning);
  t.deepEqual(scene.held('waits'), ['b']);
});

test('an inventory that comes back after a loss is cleaned before anybody gets it', (t) => {
  const scene = new Scene();
  const apply = { specs: [CLEANED, bench('plain')], prune: false, force: false, afterLoss: true };
  scene.run((draft) => planApplyInventory(draft, apply, OPERATOR));
  scene.acquire('first', [any]);
  scene.acquire('second', [any]);
  t.deepEqual(scene.held('first'), ['plain']);
  t.is(scene.held('second'), undefined);
});
