// One process with a service that does nothing but answer, the gateway's HTTP/JSON before it, and routes written by hand that
// make the same calls with the generated stub: they answer at /hand/… what the gateway answers at /v1/….
import { connect } from '@berth/client';
import { createGatewayService } from '@berth/gateway';
import { systemClock } from '@berth/kernel';
import { Bench } from '@berth/proto/berth/lease/v1/bench';
import type { GetBenchResponse, ListBenchesResponse } from '@berth/proto/berth/lease/v1/inventory_service';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { createGrpcServer, createHttpServer, createLog, openIdentity, servedService } from '@berth/server';

const PAGE = 50;

const { getBench, listBenches } = InventoryServiceDefinition.methods;
const definition = { ...InventoryServiceDefinition, methods: { getBench, listBenches } };
const one: GetBenchResponse = { bench: benchOf(0) };
const many: ListBenchesResponse = {
  benches: Array.from({ length: PAGE }, (_, i) => benchOf(i)),
  nextPageToken: 'next',
  revision: 1_700_000_000_000_000,
};

const log = createLog({ level: 'warn', format: 'text' });
const address = { host: '127.0.0.1', port: Number(process.env['BENCH_PORT']) };
const grpc = createGrpcServer({ ...address, log });
grpc.add(
  servedService(
    definition,
    { getBench: () => Promise.resolve(one), listBenches: () => Promise.resolve(many) },
    { getBench: 'viewer', listBenches: 'viewer' },
  ),
);
await grpc.start();

const listen = { host: '127.0.0.1', port: Number(process.env['BENCH_HTTP_PORT']) };
const http = await createHttpServer({ listen, identity: openIdentity(), health: grpc.health, log });
const where = `${address.host}:${String(address.port)}`;
createGatewayService({
  app: http.app,
  grpc: { address: () => where, secret: '' },
  clock: systemClock(),
  log,
  version: '0',
});
const { inventory } = connect({ address: where, user: 'anonymous', role: 'operator' });
http.app.get<{ Params: { name: string } }>('/hand/benches/:name', ({ params }) =>
  inventory.getBench({ name: params.name }),
);
http.app.get<{ Querystring: { page_size: string } }>('/hand/benches', ({ query }) =>
  inventory.listBenches({ pageSize: Number(query.page_size) }),
);
await http.start();
grpc.health.setAll(true);

/** A bench as labs have them. */
function benchOf(number: number): Bench {
  const attributes = ['linux', 'arm64', 'hdmi'].map((name) => ({ name, weight: 0 }));
  return Bench.fromPartial({
    name: `rack-${String(number)}`,
    location: 'office1',
    attributes,
    entities: {
      programmer: { attributes, properties: { socket: '10.0.0.7:1234', serial: 'A7004711' } },
      dut: { attributes, properties: { socket: '10.0.0.7:4567' } },
    },
    labels: { team: 'drivers', rack: String(number) },
    etag: 'c3RhdGU',
  });
}
