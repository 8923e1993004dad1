import { RegisterIntentRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import { GrpcClients } from './grpc-clients.js';
import { inParallel } from './in-parallel.js';
import { LeaseCalls } from './lease-calls.js';
import { registerBatch } from './tracker-calls.js';

export interface HeldLeasesJob {
  readonly address: string;
  readonly count: number;
}

const BENCHES_AN_INVENTORY = 5000;
const CHILDREN_A_BATCH = 1000;
const CONNECTIONS = 4;
/** So long (30 days) that nothing has to be renewed. */
const TTL_SECONDS = 2_592_000;

/** Holds one bench each by many TTL leases, and registers an allocation whose parent each lease is. */
export async function holdWithChildren({ address, count }: HeldLeasesJob): Promise<void> {
  const calls = new LeaseCalls(address, CONNECTIONS);
  const clients = new GrpcClients(address, 1);
  try {
    const names = Array.from({ length: count }, (_, i) => `held-${String(i)}`);
    for (const part of partsOf(names, BENCHES_AN_INVENTORY)) await calls.applyInventory(part);
    const children: RegisterIntentRequest[] = [];
    await inParallel(names, async (bench) => {
      const { id } = await calls.lease({ bench, ttlSeconds: TTL_SECONDS });
      children.push(childOf(id));
    });
    for (const part of partsOf(children, CHILDREN_A_BATCH)) {
      const registered = await registerBatch(clients, part);
      if (registered < part.length) throw new Error(`${String(registered)} of ${String(part.length)} were registered`);
    }
  } finally {
    calls.close();
    clients.close();
  }
}

function childOf(leaseId: string): RegisterIntentRequest {
  return RegisterIntentRequest.fromPartial({
    allocation: { kind: 'vm', owner: 'ci', application: 'bench', parent: `lease/default/${leaseId}` },
    timeout: { seconds: TTL_SECONDS, nanos: 0 },
    requestId: `child-${leaseId}`,
  });
}

function partsOf<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
