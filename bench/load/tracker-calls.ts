import {
  AllocationServiceDefinition,
  BatchRegisterIntentsRequest,
  type ListAllocationsRequest,
  RegisterIntentRequest,
} from '@berth/proto/berth/tracker/v1/allocation_service';
import { GetUsageRequest, ListAllocationsRequest as List } from '@berth/proto/berth/tracker/v1/allocation_service';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { GrpcClients } from './grpc-clients.js';
import { idOf, SPACING_MS } from './tracker-documents.js';

const { methods, fullName } = AllocationServiceDefinition;

export interface RegisterJob {
  readonly address: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly turn: string;
}

export interface Registered {
  readonly count: number;
  readonly perSecond: number;
  /** Of each batch, in ms. */
  readonly latencies: readonly number[];
}

/** Registers intents in batches, each with a request id, for some seconds. */
export async function registerIntents({
  address,
  batch,
  concurrency,
  seconds,
  turn,
}: RegisterJob): Promise<Registered> {
  const clients = new GrpcClients(address, concurrency);
  const started = performance.now();
  const latencies: number[] = [];
  let count = 0;
  let number = 0;
  try {
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (performance.now() - started < seconds * 1000) {
          const n = number++;
          const requests = Array.from({ length: batch }, (_, i) => intent(`${turn}-${String(n)}-${String(i)}`));
          const asked = performance.now();
          count += await registerBatch(clients, requests);
          latencies.push(performance.now() - asked);
        }
      }),
    );
    return { count, perSecond: (count * 1000) / (performance.now() - started), latencies };
  } finally {
    clients.close();
  }
}

/** How many of the intents were registered. */
export async function registerBatch(clients: GrpcClients, requests: readonly RegisterIntentRequest[]): Promise<number> {
  const request = BatchRegisterIntentsRequest.fromPartial({ requests: [...requests] });
  const path = `/${fullName}/${methods.batchRegisterIntents.name}`;
  const { results } = await clients.unary(path, methods.batchRegisterIntents, request);
  return results.filter(({ result }) => result?.$case === 'allocation').length;
}

/** When the last complete sweep began, in ms since the epoch; 0 before the first one. */
export async function lastSweep(address: string): Promise<number> {
  const clients = new GrpcClients(address, 1);
  try {
    const request = methods.listLeaks.requestType.fromPartial({ pageSize: 1 });
    const { sweepTime } = await clients.unary(`/${fullName}/${methods.listLeaks.name}`, methods.listLeaks, request);
    return sweepTime?.getTime() ?? 0;
  } finally {
    clients.close();
  }
}

function intent(requestId: string): RegisterIntentRequest {
  const labels = { job: '17', stage: 'test' };
  return RegisterIntentRequest.fromPartial({
    allocation: { kind: 'vm', owner: 'ci', application: 'bench', labels },
    requestId,
  });
}

/** The queries that must not get slower with the table. */
export const QUERIES = {
  get: 'read one',
  owner: 'list: newest 50 leases of an owner',
  history: 'list: newest 50 leases of a bench',
  state: 'list: newest 50 RELEASED',
  usage: 'usage: last hour of leases, by owner',
  benchUsage: 'usage: last hour of a bench',
} as const;

export type QueryName = keyof typeof QUERIES;

export interface QueryJob {
  readonly address: string;
  readonly query: QueryName;
  readonly seconds: number;
}

/** Asks one thing after the other for some seconds; each answer's time in ms. */
export async function askTracker({ address, query, seconds }: QueryJob): Promise<readonly number[]> {
  const clients = new GrpcClients(address, 1);
  const latencies: number[] = [];
  const started = performance.now();
  try {
    for (let i = 0; performance.now() - started < seconds * 1000; i += 1) {
      const asked = performance.now();
      await ask(clients, query, i);
      latencies.push(performance.now() - asked);
    }
    return latencies;
  } finally {
    clients.close();
  }
}

/** In tables of any size, the newest ones are as many to an hour. The fill ended an hour before the run. */
const HOUR_MS = 600 * SPACING_MS;

function ask(clients: GrpcClients, query: QueryName, i: number): Promise<unknown> {
  const from = new Date(Date.now() - 2 * HOUR_MS);
  switch (query) {
    case 'get':
      return clients.unary(`/${fullName}/GetAllocation`, methods.getAllocation, { id: idOf(i % 1000) });
    case 'owner':
      return list(clients, { owners: [`owner-${String(i % 10)}`], kinds: ['lease'] });
    case 'history':
      return list(clients, { labels: { bench: `bench-${String(i % 10)}` }, kinds: ['lease'] });
    case 'state':
      return list(clients, { states: [AllocationState.RELEASED] });
    case 'usage':
      return usage(clients, GetUsageRequest.fromPartial({ from, groupBy: ['owner'], kinds: ['lease'] }));
    case 'benchUsage':
      return usage(clients, GetUsageRequest.fromPartial({ from, groupBy: ['owner'], bench: 'bench-1' }));
  }
}

function list(clients: GrpcClients, filter: Partial<NonNullable<ListAllocationsRequest['filter']>>): Promise<unknown> {
  const request = List.fromPartial({ filter, orderBy: 'create_time desc', pageSize: 50 });
  return clients.unary(`/${fullName}/ListAllocations`, methods.listAllocations, request);
}

function usage(clients: GrpcClients, request: GetUsageRequest): Promise<unknown> {
  return clients.unary(`/${fullName}/GetUsage`, methods.getUsage, request);
}
