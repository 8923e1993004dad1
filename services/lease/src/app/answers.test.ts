import { BerthError } from '@berth/kernel';
import test from 'ava';
import type { Draft } from '../domain/index.js';
import { planExtend, planRelease, planTransfer } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
const unnamed = { requestId: '', fingerprint: '' };
const toCarol = { newOwner: 'carol', hold: 'MANUAL' as const, message: 'shift' };

function moving(requestId: string) {
  return (draft: Draft): string =>
    planTransfer(draft, operator, { ...toCarol, leaseId: draft.state.leaseOf.get(requestId)?.id ?? '' });
}

async function refusalOf(call: Promise<unknown>): Promise<BerthError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof BerthError) return error;
  throw new Error(`refused with ${String(error)}`);
}

for (const hold of ['MANUAL', 'CONNECTION'] as const) {
  test(`a former holder (${hold}) that asks again together with a transfer is told the end of its lease, and nothing of the next`, async (t) => {
    const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
    const asks = (stream: TestStream): Promise<void> =>
      lab.acquire(request('r1', 'a', { owner: 'alice', hold }), stream, stream);
    const [first, again] = [new TestStream(), new TestStream()];
    const held = asks(first);
    // What the first stream is told is not the matter here.
    held.catch(() => undefined);
    await lab.upToDate();
    await lab.run({ ...unnamed, plan: () => undefined });
    const old = first.lease ?? t.fail();
    // One turn, so one batch.
    const repeated = refusalOf(asks(again));
    const moved = await lab.run({ ...unnamed, plan: moving('r1') });
    const { reason, details } = await repeated;
    t.is(reason, 'REQUEST_ENDED');
    t.is(details.metadata?.['end'], 'TRANSFERRED');
    t.is(again.lease, undefined);
    t.not(moved, old.id);
    t.is(lab.state.leases.get(moved)?.owner, 'carol');
    await close();
  });
}

test('one that is granted and loses its lease in the same batch is told the end, and nothing of the next lease', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [holder, waiter, late] = [new TestStream(), new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), holder, holder);
  const asks = (id: string, stream: TestStream): Promise<void> =>
    lab.acquire(request(id, 'a', { owner: 'alice', hold: 'MANUAL' }), stream, stream);
  const waiting = refusalOf(asks('r2', waiter));
  await lab.run({ ...unnamed, plan: () => undefined });
  const id = holder.lease?.id ?? '';
  const released = lab.run({ ...unnamed, plan: (draft) => planRelease(draft, id, operator) });
  // Attached in the very batch.
  const arriving = refusalOf(asks('r2', late));
  const moved = lab.run({ ...unnamed, plan: moving('r2') });
  t.true(await released);
  for (const error of await Promise.all([waiting, arriving])) {
    t.is(error.details.metadata?.['end'], 'TRANSFERRED');
  }
  t.deepEqual([waiter.lease, late.lease], [undefined, undefined]);
  t.is(lab.state.leases.get(await moved)?.owner, 'carol');
  await close();
});

test('answers of commands that are planned together are each that of its own command', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), stream, stream);
  const { id } = stream.lease ?? t.fail();
  const extended = [1000, 2000, 3000].map((ms) =>
    lab.run({
      ...unnamed,
      plan: (draft) => {
        planExtend(draft, id, operator, ms);
        return (draft.state.leases.get(id)?.endMs ?? 0) - draft.now;
      },
    }),
  );
  const moved = lab.run({ ...unnamed, plan: (draft) => planTransfer(draft, operator, { ...toCarol, leaseId: id }) });
  const released = lab.run({ ...unnamed, plan: (draft) => planRelease(draft, id, operator) });
  t.deepEqual(await Promise.all(extended), [1000, 2000, 3000]);
  t.is(lab.state.leaseOf.get('r1')?.id, await moved);
  t.false(await released, 'the lease was over when it was planned');
  await close();
});
