import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CheckTokenRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import { findProgram, requireServer } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { serveEcho } from '../calls/echo-service.fixture.js';
import { servedService } from '../calls/service-definition.js';

const run = promisify(execFile);

async function grpcurl(t: ExecutionContext): Promise<(flags: string, ...args: string[]) => Promise<string>> {
  const { server } = await serveEcho(t, {});
  const { name, fullName, methods } = LeaseServiceDefinition;
  const definition = { name, fullName, methods: { checkToken: methods.checkToken } };
  const checkToken = async ({ bench }: CheckTokenRequest) =>
    Promise.resolve({ current: false, holder: `guard of ${bench}`, remaining: undefined });
  server.add(servedService(definition, { checkToken }, { checkToken: 'viewer' }));
  server.addReflection();
  const address = `127.0.0.1:${String(server.address.port)}`;
  return async (flag, ...args: string[]) => {
    const flags = flag === '' ? [] : flag.split(' ');
    const { stdout } = await run(findProgram('grpcurl') ?? 'grpcurl', ['-plaintext', ...flags, address, ...args]);
    return stdout;
  };
}

if (requireServer(test, 'grpcurl')) {
  test('grpcurl lists the services by reflection', async (t) => {
    const curl = await grpcurl(t);
    const listed = (await curl('', 'list')).trim().split('\n');
    t.deepEqual(listed, [
      'berth.identity.v1.IdentityService',
      'berth.lease.v1.LeaseService',
      'berth.test.v1.Echo',
      'grpc.health.v1.Health',
    ]);
  });

  test('grpcurl describes methods and messages with their comments', async (t) => {
    const curl = await grpcurl(t);
    const method = await curl('', 'describe', 'berth.lease.v1.LeaseService.Acquire');
    t.regex(method, /\/\/ Asks for benches, waits in the queue/);
    t.regex(method, /returns \( stream \.berth\.lease\.v1\.AcquireResponse \)/);
    const message = await curl('', 'describe', 'berth.lease.v1.AcquireRequest');
    t.regex(message, /\.google\.protobuf\.Duration wait_timeout/);
  });

  test('grpcurl calls a method with no proto file', async (t) => {
    const curl = await grpcurl(t);
    const answer = await curl('-d {"bench":"resource1"}', 'berth.lease.v1.LeaseService/CheckToken');
    t.deepEqual(JSON.parse(answer), { holder: 'guard of resource1' });
  });
}
