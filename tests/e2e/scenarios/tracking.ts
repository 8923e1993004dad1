import { AllocationState, BerthError } from '@berth/client';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { LabUnderTest } from './lab-under-test.js';

/** Allocations from intent to release, records of machines with two writers, and what the tracker was told of leases. */
export async function tracking(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const [ann, op, guest] = [lab.connect('ann'), lab.connect('op'), lab.connect('guest')];
  const { allocation } = await ann.allocations.registerIntent({ allocation: { owner: 'ann', kind: 'disk' } });
  const id = allocation?.id ?? '';
  t.is(allocation?.state, AllocationState.INTENT);
  await ann.allocations.confirmAllocation({ id, externalId: 'sd-scenario' });
  await ann.allocations.confirmRelease({ id });
  t.is((await guest.allocations.getAllocation({ id })).allocation?.state, AllocationState.RELEASED);

  const { record } = await op.records.createRecord({ record: { kind: 'machines', fields: { hostname: 'scenario' } } });
  const etag = record?.etag ?? '';
  const update = (owner: string) =>
    op.records.updateRecord({ kind: 'machines', name: 'scenario', record: { etag, fields: { owner } } });
  await update('ann');
  const stale = await t.throwsAsync(update('bob'), { instanceOf: BerthError });
  t.is(stale.reason, 'STALE_ETAG');
  // The lease service tells the tracker of its leases.
  await until(
    async () => {
      const { allocations } = await guest.allocations.listAllocations({ filter: { kinds: ['lease'] }, pageSize: 1000 });
      return allocations.some(({ owner, state }) => owner === 'ann' && state === AllocationState.RELEASED);
    },
    { what: 'a lease of ann in the tracker', timeoutMs: 60_000 },
  );
}
