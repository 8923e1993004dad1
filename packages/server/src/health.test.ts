import { service } from 'grpc-health-check';
import test from 'ava';
import { serveEcho } from './echo-service.fixture.js';

interface Answer {
  readonly status: string;
}

test('the process serves when all its services do', async (t) => {
  const { server, client } = await serveEcho(t, {});
  const method = service['Check'];
  if (method === undefined) throw new Error('the health service has no Check');
  const check = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const decode = (bytes: Buffer): Answer => method.responseDeserialize(bytes) as Answer;
      client.makeUnaryRequest(method.path, method.requestSerialize, decode, { service: name }, (error, answer) => {
        if (answer === undefined) reject(error ?? new Error('no answer'));
        else resolve(answer.status);
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
  const method = service['Watch'];
  if (method === undefined) throw new Error('the health service has no Watch');
  const decode = (bytes: Buffer): Answer => method.responseDeserialize(bytes) as Answer;
  const watch = client.makeServerStreamRequest(method.path, method.requestSerialize, decode, {
    service: 'berth.test.v1.Echo',
  });
  watch.on('error', () => undefined);
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      watch.once('data', (answer: Answer) => {
        resolve(answer.status);
      });
    });
  t.is(await next(), 'SERVING');
  const changed = next();
  server.health.setAll(false);
  t.is(await changed, 'NOT_SERVING');
  watch.cancel();
});
