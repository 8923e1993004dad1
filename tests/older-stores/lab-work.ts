// What fills a lab whose store is kept as a fixture, and what that lab tells of itself.
import { type Berth, ConditionState } from '@berth/client';

const INVENTORY = `pool:
  name: old
  resources:
    b1:
      attributes: [board, { name: fast, weight: 10 }]
      location: rack 7
      entities: { dut: { properties: { socket: /dev/ttyUSB0 } } }
    b2: { attributes: [board], properties: { note: "kept: as written" } }
    b3: { attributes: [board, rare], affinity: rare }
    b4: { attributes: [spare] }
`;

/** Clients of a server, by user. */
export type AsUser = (user: string) => Berth;

/** Fills a lab with benches, leases of several kinds, allocations in every state, and records. */
export async function fillLab(as: AsUser): Promise<void> {
  const op = as('op');
  await op.inventory.applyInventory({ inventory: { $case: 'yaml', value: INVENTORY } });
  await fillLeases(as);
  await fillAllocations(as('ann'));
  await fillRecords(op);
}

async function fillLeases(as: AsUser): Promise<void> {
  const manual = { hold: 'manual' } as const;
  await (await as('dan').acquire({ ...manual, bench: 'b1', description: 'over soon' })).release();
  await as('ann').acquire({ ...manual, bench: 'b1', description: 'soak test', labels: { job: '17' } });
  const given = await as('bob').acquire({ ...manual, attributes: ['board'], count: 1 });
  await as('bob').lease.transfer({ leaseId: given.id, newOwner: 'carol', reason: 'her turn' });
  const condition = { state: ConditionState.QUARANTINED, reason: 'a fan is broken' };
  await as('op').inventory.setCondition({ name: 'b4', condition });
}

async function fillAllocations(ann: Berth): Promise<void> {
  const { allocations } = ann;
  const register = async (externalId: string): Promise<string> => {
    const allocation = { kind: 'vm', externalId, owner: 'ann', labels: { team: 'kernel' }, attributes: { size: 'm' } };
    const answer = await allocations.registerIntent({ allocation, requestId: `old-${externalId}` });
    return answer.allocation?.id ?? '';
  };
  await register('vm-intent');
  const [up, failed, over] = [await register('vm-up'), await register('vm-failed'), await register('vm-over')];
  await allocations.failAllocation({ id: failed, reason: 'no room' });
  for (const id of [up, over]) await allocations.confirmAllocation({ id, requestId: `old-confirm-${id}` });
  await allocations.confirmRelease({ id: over });
  await allocations.setProtection({ id: up, protected: true });
}

async function fillRecords({ records }: Berth): Promise<void> {
  const kind = 'machines';
  const fields = { hostname: 'Dut-7', state: 'idle', tags: ['a'] };
  const { record } = await records.createRecord({ record: { kind, fields } });
  const changed = { fields: { state: 'in_use', owner: 'ann' }, etag: record?.etag ?? '' };
  const updateMask = ['fields.state', 'fields.owner'];
  await records.updateRecord({ kind, name: 'Dut-7', record: changed, updateMask });
  const { record: gone } = await records.createRecord({ record: { kind, fields: { hostname: 'gone' } } });
  await records.deleteRecord({ kind, name: 'gone', etag: gone?.etag ?? '' });
  await records.createRecord({ record: { kind: 'address-ranges', fields: { name: 'lab', range: '10.0.0.0/28' } } });
  await records.claimAddresses({ range: 'lab', count: 3, owner: 'ann' });
  await records.releaseRecords({ kind: 'private-addresses', names: ['10.0.0.2'] });
}

/** Everything that a lab with `fillLab`'s work tells of itself, without what the passing time changes. */
export async function tellLab({ lease, inventory, allocations, records }: Berth): Promise<unknown> {
  const kinds = ['machines', 'private-addresses', 'address-ranges'];
  const all = { pageSize: 1000 };
  const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
  const told = {
    benches: (await inventory.listBenches(all)).benches,
    leases: (await lease.listLeases(all)).leases.sort(byId),
    allocations: (await allocations.listAllocations(all)).allocations.sort(byId),
    records: await Promise.all(kinds.map((kind) => records.listRecords({ ...all, kind, includeDeleted: true }))),
    changes: await Promise.all(kinds.map((kind) => records.listChanges({ ...all, kind }))),
  };
  return JSON.parse(JSON.stringify(told, plain));
}

/** JSON as it stays: 64-bit numbers as text; without fields that tell of now, and page tokens. */
function plain(key: string, value: unknown): unknown {
  if (/^(remaining|readTime|nextPageToken|totalSize)$/.test(key)) return undefined;
  return typeof value === 'bigint' ? String(value) : value;
}
