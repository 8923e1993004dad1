// The ceiling: Berth's own gRPC server with handlers that do nothing but answer, with messages of the size that berthd sends.
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import { AcquireResponse, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { CallContext, ResponseStream } from '@berth/server';
import { TOLD_BENCH } from '../load/cancels.js';
import { createGrpcServer, createLog, preEncode, servedService } from '@berth/server';

const { acquire, release, watch } = LeaseServiceDefinition.methods;
const definition = { ...LeaseServiceDefinition, methods: { acquire, release, watch } };

const granted = AcquireResponse.decode(sample('BENCH_GRANTED'));
const change = preEncode(WatchResponse, WatchResponse.decode(sample('BENCH_CHANGE')));
const watchers = new Set<ResponseStream<WatchResponse>>();

const service = servedService(
  definition,
  {
    acquire: async (request, call, out) => {
      await out.write(granted);
      if (request.hold === HoldMode.CONNECTION) await over(call);
      if (request.requirements[0]?.bench === TOLD_BENCH) broadcast();
    },
    // Also the echo; and what makes the change that the watchers are told.
    release: ({ leaseId }) => {
      if (leaseId === 'broadcast') broadcast();
      return Promise.resolve({ released: true });
    },
    watch: async (_request, call, out) => {
      await out.write(change);
      watchers.add(out);
      await over(call);
      watchers.delete(out);
    },
  },
  { acquire: 'user', release: 'user', watch: 'viewer' },
);

const log = createLog({ level: 'warn', format: 'text' });
const server = createGrpcServer({ host: '127.0.0.1', port: Number(process.env['BENCH_PORT']), log });
server.add(service);
// A gateway asks for the health of the role by it.
server.announce(InventoryServiceDefinition.fullName);
await server.start();
server.health.setAll(true);

function broadcast(): void {
  for (const watcher of watchers) void watcher.write(change);
}

function over(call: CallContext): Promise<void> {
  return new Promise((resolve) => {
    call.onOver(resolve);
  });
}

function sample(name: string): Uint8Array {
  return Buffer.from(process.env[name] ?? '', 'base64');
}
