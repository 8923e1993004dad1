import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
} from '@berth/proto/grpc/health/v1/health';
import test from 'ava';
import { serveEcho } from '../calls/echo-service.fixture.js';

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

test('each part has its own say, which no other part takes back', async (t) => {
  const { server, client, logged } = await serveEcho(t, {});
  const check = (name: string): Promise<{ status: string; troubles: unknown }> =>
    new Promise((resolve, reject) => {
      let troubles: unknown;
      const call = client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        encode,
        decode,
        { service: name },
        (error, status) => {
          if (status === undefined) reject(error ?? new Error('no answer'));
          else resolve({ status, troubles });
        },
      );
      call.on('metadata', (metadata) => {
        troubles = JSON.parse(String(metadata.get('berth-troubles')[0]));
      });
    });
  const echo = 'berth.test.v1.Echo';
  const documents = server.health.part('documents', () => [echo]);
  const locks = server.health.part('locks', () => [echo]);
  const history = server.health.part('history');
  for (let i = 0; i < 3; i += 1) {
    locks(false, new Error('no majority of Jörg’s servers'));
    documents(true);
  }
  history(false, 'the tracker is away');
  const sick = await check(echo);
  t.is(sick.status, 'NOT_SERVING');
  t.is((await check('')).status, 'NOT_SERVING');
  t.like(sick.troubles, [
    { part: 'locks', why: 'no majority of Jörg’s servers' },
    { part: 'history', why: 'the tracker is away' },
  ]);
  documents(false, 'the disk is full');
  locks(true);
  t.is((await check(echo)).status, 'NOT_SERVING');
  documents(true);
  t.is((await check(echo)).status, 'SERVING', 'what only tells of itself stops nobody');
  t.is((await check('')).status, 'SERVING');
  t.is(logged.filter(({ part, level }) => part === 'locks' && level === 40).length, 1, 'one line an outage');
  server.health.setAll(false);
  locks(true);
  t.is((await check(echo)).status, 'NOT_SERVING', 'a part that works does not start what was stopped');
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
