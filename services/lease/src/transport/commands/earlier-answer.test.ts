import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import { ApplyInventoryRequest, CreateBenchRequest } from '@berth/proto/berth/lease/v1/inventory_service';
import { RevokeRequest, TransferRequest } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, MessageType } from '@berth/server';
import { fingerprint } from '@berth/server';
import test from 'ava';
import { bench, openTestLab, request, TestStream } from '../../app/lab.fixture.js';
import type { OpenLab } from '../../app/open-lab.js';
import type { Mutation } from './mutation.js';
import { mutate } from './mutation.js';
import { APPLY_INVENTORY, CREATE_BENCH, REVOKE, TRANSFER } from './mutations.js';

const call = { caller: { name: 'op', role: 'operator' } } as CallContext;

/** Remembers a call as versions did that remembered only by what its answer is looked up. */
async function remember<R extends { readonly requestId: string }>(
  lab: OpenLab,
  type: MessageType<R>,
  method: string,
  asked: R,
  data: string,
): Promise<void> {
  const value = `${fingerprint(method, 'op', type, asked)} done ${data}`;
  await lab.run({
    requestId: '',
    fingerprint: '',
    plan: (draft) => {
      draft.emit({ type: 'OfferRemoved', pool: 'none' });
      draft.require({ kind: 'remember', id: asked.requestId, value, ttlMs: 60_000 });
    },
  });
}

function repeated<R extends { lab: string; requestId: string }, M extends object>(
  lab: OpenLab,
  mutation: Mutation<R, M>,
  asked: R,
): Promise<M> {
  return mutate(mutation, lab, asked, call, () => {
    throw new Error('it was carried out before');
  });
}

test('what earlier versions remembered is still answered, also with a default that was stated', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), stream, stream);
  const leaseId = stream.lease?.id ?? '';

  const revoke = RevokeRequest.fromPartial({ leaseId: 'ls-1', reason: 'x', requestId: 'v-1' });
  await remember(lab, RevokeRequest, 'Revoke', revoke, 'true');
  t.deepEqual(await repeated(lab, REVOKE, revoke), { revoked: true });
  await t.throwsAsync(repeated(lab, REVOKE, { ...revoke, reason: 'y' }), { message: /'v-1' was used/ });

  const transfer = TransferRequest.fromPartial({ leaseId: 'ls-1', newOwner: 'bob', requestId: 't-1' });
  const stated = { ...transfer, hold: HoldMode.MANUAL };
  await remember(lab, TransferRequest, 'Transfer', stated, leaseId);
  t.is((await repeated(lab, TRANSFER, stated)).lease?.id, leaseId);

  const create = CreateBenchRequest.fromPartial({ bench: { name: 'b1' }, requestId: 'c-1' });
  await remember(lab, CreateBenchRequest, 'CreateBench', create, 'b1');
  t.is((await repeated(lab, CREATE_BENCH, create)).bench?.name, 'b1');

  const lists = { created: ['b1'], updated: [], removed: [], unchanged: [] };
  const apply = ApplyInventoryRequest.fromPartial({ requestId: 'a-1' });
  await remember(lab, ApplyInventoryRequest, 'ApplyInventory', apply, JSON.stringify(lists));
  t.like(await repeated(lab, APPLY_INVENTORY, apply), lists);
  await close();
});
