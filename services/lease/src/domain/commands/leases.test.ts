import test from 'ava';
import { caller, OPERATOR, Scene } from '../../../simulation/scene.js';
import { bench, requirement } from '../../../simulation/specs.js';
import { planExtend, planRelease, planRevoke, planTransfer } from './leases.js';

const any = requirement();

function lab(): { scene: Scene; id: string; token: number } {
  const scene = new Scene({}, bench('b'));
  scene.acquire('holder', [any], { owner: 'ann' });
  scene.acquire('next', [any], { owner: 'bob' });
  const { id, token } = scene.leaseOf('holder');
  return { scene, id, token };
}

test('a transfer has no gap that a waiter could slip into', (t) => {
  const { scene, id, token } = lab();
  const transfer = { leaseId: id, newOwner: 'cem', hold: 'TTL' as const, ttlMs: 5_000, message: 'night shift' };
  const newId = scene.run((draft) => planTransfer(draft, OPERATOR, transfer));
  const lease = scene.leaseOf('holder');
  t.is(lease.id, newId);
  t.like(lease, { owner: 'cem', hold: 'TTL', ttlMs: 5_000, transferredFrom: 'ann', session: '' });
  t.true(lease.token > token);
  t.deepEqual(scene.queue, ['next']);
  t.deepEqual(
    scene.events.map((event) => event.type),
    ['LeaseTransferred'],
  );
  t.deepEqual(scene.steps, [
    { kind: 'free', bench: 'b', lease: id },
    { kind: 'hold', bench: 'b', lease: lease.id, event: 0 },
    { kind: 'arm', lease: lease.id, ttlMs: 5_000 },
  ]);
  t.deepEqual(
    scene.changes.map((change) => change.kind),
    ['leaseEnded', 'leasePut'],
  );
});

test('who was the owner before a transfer is told so, and cannot release any more', (t) => {
  const { scene, id } = lab();
  const transfer = { leaseId: id, newOwner: 'cem', hold: 'MANUAL' as const, message: '' };
  const newId = scene.run((draft) => planTransfer(draft, OPERATOR, transfer));
  const { reason, details } = scene.refusal(() => scene.acquire('holder', [any], { owner: 'ann' }));
  t.is(reason, 'REQUEST_ENDED');
  t.is(details.metadata?.['end'], 'TRANSFERRED');
  t.false(scene.run((draft) => planRelease(draft, id, caller('ann'))));
  t.is(scene.refusal(() => scene.run((draft) => planRelease(draft, newId, caller('ann')))).reason, 'PERMISSION_DENIED');
  t.true(scene.run((draft) => planRelease(draft, newId, caller('cem'))));
  t.deepEqual(scene.held('next'), ['b']);
});

test('after a second transfer the first owner is still known', (t) => {
  const { scene, id } = lab();
  const to = (leaseId: string, newOwner: string): string =>
    scene.run((draft) => planTransfer(draft, OPERATOR, { leaseId, newOwner, hold: 'MANUAL', message: '' }));
  t.is(scene.state.leases.get(to(to(id, 'cem'), 'dan'))?.transferredFrom, 'ann');
});

test('a token of a former grant is refused, and the error names the current one', (t) => {
  const { scene, id, token } = lab();
  const { reason, details } = scene.refusal(() =>
    scene.run((draft) => planRelease(draft, id, caller('ann'), token - 1)),
  );
  t.is(reason, 'STALE_TOKEN');
  t.is(details.metadata?.['current'], String(token));
  t.is(
    scene.refusal(() => scene.run((draft) => planExtend(draft, id, caller('ann'), 1, token + 1))).reason,
    'STALE_TOKEN',
  );
  t.true(scene.run((draft) => planRelease(draft, id, caller('ann'), token)));
});

test('release is for the owner and for operators, and done twice it does nothing', (t) => {
  const { scene, id } = lab();
  t.is(scene.refusal(() => scene.run((draft) => planRelease(draft, id, caller('bob')))).reason, 'PERMISSION_DENIED');
  t.true(scene.run((draft) => planRelease(draft, id, OPERATOR)));
  t.deepEqual(scene.held('next'), ['b']);
  t.false(scene.run((draft) => planRelease(draft, id, OPERATOR)));
  t.deepEqual(scene.events, []);
});

test('a bench gets a larger token with each grant', (t) => {
  const scene = new Scene({}, bench('b'));
  const tokens = ['r1', 'r2', 'r3'].map((id) => {
    scene.acquire(id, [any]);
    const { token } = scene.leaseOf(id);
    scene.release(id);
    return token;
  });
  t.deepEqual(
    tokens,
    [...new Set(tokens)].sort((a, b) => a - b),
  );
});

test('a revoked lease says why, and the next one holds', (t) => {
  const { scene, id } = lab();
  t.true(scene.run((draft) => planRevoke(draft, id, OPERATOR, 'smoke')));
  t.like(scene.changes[0], { kind: 'leaseEnded', reason: 'REVOKED', message: 'smoke', actor: { name: 'olga' } });
  t.deepEqual(scene.held('next'), ['b']);
  t.false(scene.run((draft) => planRevoke(draft, id, OPERATOR, 'again')));
});

test('extending moves the end from now on', (t) => {
  const scene = new Scene({}, bench('b'));
  scene.acquire('r', [any], { maxDurationMs: 1_000 });
  const { id } = scene.leaseOf('r');
  scene.now += 500;
  scene.run((draft) => planExtend(draft, id, caller('ann'), 5_000));
  t.is(scene.leaseOf('r').endMs, scene.now + 5_000);
  t.is(scene.refusal(() => scene.run((draft) => planExtend(draft, 'ls-none', OPERATOR, 1))).reason, 'NO_SUCH_LEASE');
});

test('commands of one batch see what those before them do', (t) => {
  const { scene, id } = lab();
  const [first, second] = scene.batch([
    (draft) => planRelease(draft, id, OPERATOR),
    (draft) => planRelease(draft, draft.state.leaseOf.get('next')?.id ?? '', OPERATOR),
  ]);
  t.like(first, { outcome: 'ok' });
  t.like(second, { outcome: 'ok' });
  t.deepEqual(
    scene.events.map((event) => event.type),
    ['LeaseEnded', 'LeaseGranted', 'LeaseEnded'],
  );
  // The bench is freed, held and freed in one append.
  t.deepEqual(
    scene.steps.map((step) => step.kind).filter((kind) => kind === 'hold' || kind === 'free'),
    ['free', 'hold', 'free'],
  );
});

test('a refused command leaves nothing in the batch of the others', (t) => {
  const { scene, id } = lab();
  const ran = scene.batch([
    (draft) => planRelease(draft, id, caller('bob')),
    (draft) => planRelease(draft, id, caller('ann')),
  ]);
  t.deepEqual(
    ran.map((one) => one.outcome),
    ['refused', 'ok'],
  );
  t.deepEqual(scene.held('next'), ['b']);
});
