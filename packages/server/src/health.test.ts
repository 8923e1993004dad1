import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
} from '@berth/proto/grpc/health/v1/health';
import test from 'ava';
import { serveEcho } from './echo-service.fixture.js';

function encode(request: HealthCheckRequest): Buffer {
  return Buffer.from(HealthCheckRequest.encode(request).finish());
}

function decode(bytes: Buffer): string {
  return Status[HealthCheckResponse.decode(bytes).status];
}

test('the process serves when all its services do', async (t) => {
  const { server, client } = await serveEcho(t, {});
  const check = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', encode, decode, { service: name }, (error, answer) => {
        if (answer === undefined) reject(error ?? new Error('no answer'));
        else resolve(answer);
      });
    });
  t.is(await check(''), 'SERVING');
  t.is(await check('berth.test.v1.Echo'), 'SERVING');
  server.health.set('berth.test.v1.Echo', false);
  t.is(await check('berth.test.v1.Echo'), 'NOT_SERVING');
  t.is(await check(''), 'NOT_SERVING');
  await t.throwsAsync(check('berth.test.v1.Other'), { message: /NOT_FOUND/ });
});

test('a watch is told of each change', async (t) => {
  const { server, client } = await serveEcho(t, {});
  const watch = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', encode, decode, {
    service: 'berth.test.v1.Echo',
  });
  watch.on('error', () => undefined);
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      watch.once('data', resolve);
    });
  t.is(await next(), 'SERVING');
  const changed = next();
  server.health.setAll(false);
  t.is(await changed, 'NOT_SERVING');
  watch.cancel();
});
