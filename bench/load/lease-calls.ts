import { newRequestId } from '@berth/client';
import { Bench, ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import type { Lease } from '@berth/proto/berth/lease/v1/lease';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { ListLeasesResponse, ReleaseResponse } from '@berth/proto/berth/lease/v1/lease_service';
import {
  AcquireRequest,
  AcquireResponse,
  LeaseServiceDefinition,
  WatchRequest,
} from '@berth/proto/berth/lease/v1/lease_service';
import { SPARE_BENCH } from '../servers/inventory.js';
import type { GrpcStream } from './grpc-clients.js';
import { GrpcClients } from './grpc-clients.js';

/** What a benchmark asks for. */
export interface Wish {
  /** Any bench of a kind, or the bench of this name. */
  readonly kind?: string;
  readonly bench?: string;
  readonly priority?: number;
  /** A TTL lease; absent = held by the stream. */
  readonly ttlSeconds?: number;
  /** How long the place is kept when its stream is gone. */
  readonly graceSeconds?: number;
  /** How long the lease lasts at most. */
  readonly maxSeconds?: number;
  /** The place needs no stream, which ends after its first message. */
  readonly unattended?: boolean;
}

const { acquire, release, watch, listLeases, putReservation } = LeaseServiceDefinition.methods;
const { applyInventory, setCondition } = InventoryServiceDefinition.methods;

/** Calls of the lease service by grpc-js alone, so that the load costs as little as it can. Streams give undecoded bytes. */
export class LeaseCalls {
  readonly #grpc: GrpcClients;

  constructor(address: string, connections: number, token?: string) {
    this.#grpc = new GrpcClients(address, connections, token);
  }

  /** Opens an Acquire stream. Its errors are the caller's to handle. */
  acquire(wish: Wish): GrpcStream {
    return this.#grpc.stream(`/berth.lease.v1.LeaseService/${acquire.name}`, acquireBytes(wish));
  }

  /** A TTL lease, once it is granted and the stream has ended. */
  lease(wish: Wish): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const stream = this.acquire(wish);
      let lease: Lease | undefined;
      stream.on('data', (bytes: Buffer) => {
        lease = grantIn(bytes) ?? lease;
      });
      stream.on('error', reject);
      stream.on('end', () => {
        if (lease === undefined) reject(new Error('the stream ended without a grant'));
        else resolve(lease);
      });
    });
  }

  release(leaseId: string): Promise<ReleaseResponse> {
    const request = release.requestType.create({ leaseId });
    return this.#grpc.unary('/berth.lease.v1.LeaseService/Release', release, request);
  }

  watch(fromRevision: number): GrpcStream {
    const bytes = WatchRequest.encode(WatchRequest.create({ fromRevision })).finish();
    return this.#grpc.stream(`/berth.lease.v1.LeaseService/${watch.name}`, Buffer.from(bytes));
  }

  listLeases(): Promise<ListLeasesResponse> {
    const request = listLeases.requestType.create();
    return this.#grpc.unary('/berth.lease.v1.LeaseService/ListLeases', listLeases, request);
  }

  /** Changes the text of the spare bench's condition: one change, the same size each time. */
  async changeCondition(turn: number): Promise<void> {
    const request = setCondition.requestType.fromPartial({
      name: SPARE_BENCH,
      condition: { state: ConditionState.MAINTENANCE, reason: `turn ${String(turn).padStart(6, '0')}` },
    });
    await this.#grpc.unary('/berth.lease.v1.InventoryService/SetCondition', setCondition, request);
  }

  /** Adds benches that have a name and nothing else. */
  async applyInventory(names: readonly string[]): Promise<void> {
    const benches = names.map((name) => Bench.fromPartial({ name }));
    const request = applyInventory.requestType.fromPartial({ inventory: { $case: 'benches', value: { benches } } });
    await this.#grpc.unary('/berth.lease.v1.InventoryService/ApplyInventory', applyInventory, request);
  }

  /** Reserves a bench for a booking of nobody, from so many seconds from now on. */
  async reserve(id: string, bench: string, inSeconds: number, forSeconds: number): Promise<void> {
    const startMs = Date.now() + inSeconds * 1000;
    const [startTime, endTime] = [new Date(startMs), new Date(startMs + forSeconds * 1000)];
    const reservation = { id, version: 1, benches: [bench], startTime, endTime };
    const request = putReservation.requestType.fromPartial({ reservation });
    await this.#grpc.unary('/berth.lease.v1.LeaseService/PutReservation', putReservation, request);
  }

  close(): void {
    this.#grpc.close();
  }
}

/** The lease, if the message grants one. */
export function grantIn(bytes: Buffer): Lease | undefined {
  const { event } = AcquireResponse.decode(bytes);
  return event?.$case === 'granted' ? event.value.lease : undefined;
}

/** Whether the message is `Granted`, by its field number: one look, no decoding. */
export function isGrant(bytes: Buffer): boolean {
  return bytes[0] === GRANTED_TAG;
}

const GRANTED_TAG = (2 << 3) | 2;

function acquireBytes({ kind, bench, priority, ttlSeconds, graceSeconds, maxSeconds, unattended }: Wish): Buffer {
  const withoutTtl = unattended === true ? HoldMode.MANUAL : HoldMode.CONNECTION;
  const request = AcquireRequest.fromPartial({
    requestId: newRequestId(),
    requirements: [bench === undefined ? { attributes: [kind ?? ''] } : { bench }],
    description: 'a benchmark',
    hold: ttlSeconds === undefined ? withoutTtl : HoldMode.TTL,
    ...(unattended === true && { unattended, tellOnce: true }),
    ...(maxSeconds !== undefined && { maxDuration: { seconds: maxSeconds, nanos: 0 } }),
    ...(priority !== undefined && { priority }),
    ...(ttlSeconds !== undefined && { ttl: { seconds: ttlSeconds, nanos: 0 } }),
    ...(graceSeconds !== undefined && { reconnectGrace: { seconds: graceSeconds, nanos: 0 } }),
  });
  return Buffer.from(AcquireRequest.encode(request).finish());
}
