import { until } from '@berth/testkit';
import { Metadata, status } from '@grpc/grpc-js';
import test from 'ava';
import { BerthError } from '@berth/kernel';
import { callEcho, callSum, failure, openChat, openCount, readAll } from './echo-calls.fixture.js';
import { addressOf, startProxy, startRole, stayOpen, word } from './proxy.fixture.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('calls of every shape pass, in both directions, with half-close', async (t) => {
  const role = await startRole(t, {
    async count({ seconds }, _call, out) {
      for (let i = 1; i <= seconds; i += 1) await out.write(word(String(i)));
    },
  });
  const client = (await startProxy(t, [addressOf(role)])).connect();
  t.is((await callEcho(client, word('hello'))).reason, 'hello');
  t.deepEqual(await readAll(openCount(client, 3)), ['1', '2', '3']);
  t.is((await callSum(client, [1, 2, 3])).seconds, 6);
  const chat = openChat(client);
  const answers = readAll(chat);
  chat.write(word('a'));
  chat.write(word('b'));
  chat.end();
  t.deepEqual(await answers, ['a', 'b']);
});

test("the role sees metadata, also binary, and the caller as the gateway made it out; the role's metadata comes back", async (t) => {
  let seen: Record<string, unknown> = {};
  const role = await startRole(t, {
    async echo(request, call) {
      const { name, role: least } = call.caller;
      seen = { ...call.metadata.getMap(), name, least };
      call.sendMetadata({ 'x-from-role': 'yes' });
      return Promise.resolve(request);
    },
  });
  const client = (await startProxy(t, [addressOf(role)])).connect();
  const bytes = Buffer.from([0, 255, 1]);
  const metadata = {
    'berth-user': 'ann',
    'berth-role': 'user',
    'berth-sent-at': '2026-01-01T00:00:00Z',
    'berth-other': 'x',
    traceparent: TRACEPARENT,
    'x-mine': 'a, b',
    'x-mine-bin': bytes,
    authorization: 'Bearer mine',
  };
  const headers = await new Promise<Metadata>((resolve, reject) => {
    const all = new Metadata();
    for (const [key, value] of Object.entries(metadata)) all.set(key, value);
    const call = client.makeUnaryRequest(
      '/berth.test.v1.Echo/Echo',
      (value: Buffer) => value,
      (value) => value,
      Buffer.alloc(0),
      all,
      (error) => {
        if (error !== null) reject(error);
      },
    );
    call.on('metadata', resolve);
  });
  t.deepEqual(headers.get('x-from-role'), ['yes']);
  t.like(seen, { name: 'ann', least: 'user', 'x-mine': 'a, b', 'berth-sent-at': '2026-01-01T00:00:00Z' });
  t.is(seen['traceparent'], TRACEPARENT);
  t.deepEqual(seen['x-mine-bin'], bytes);
  t.false('authorization' in seen);
  t.false('berth-other' in seen);
});

test('errors of a role pass with their details', async (t) => {
  const role = await startRole(t, {
    echo: () => Promise.reject(new BerthError('BENCH_BUSY', 'résource1 is held', { retryAfterMs: 1500 })),
  });
  const client = (await startProxy(t, [addressOf(role)])).connect();
  const error = await failure(callEcho(client, word('')));
  t.deepEqual(error, {
    code: status.RESOURCE_EXHAUSTED,
    text: 'résource1 is held',
    reason: 'BENCH_BUSY',
    retryMs: 1500,
  });
});

test('a role sees the deadline, and a cancel', async (t) => {
  const deadlines: (number | undefined)[] = [];
  const ends: string[] = [];
  const role = await startRole(t, {
    async count(request, call, out) {
      deadlines.push(call.deadlineMs);
      await stayOpen(request, call, out);
      ends.push(String(request.seconds));
    },
  });
  const { connect, proxy } = await startProxy(t, [addressOf(role)]);
  const client = connect();
  const deadline = Date.now() + 1000;
  const error = await failure(readAll(openCount(client, 1, { options: { deadline } })));
  t.is(error.code, status.DEADLINE_EXCEEDED);
  t.true(Math.abs((deadlines[0] ?? 0) - deadline) < 500);
  const stream = openCount(client, 2);
  const cancelled = failure(readAll(stream));
  await until(() => deadlines.length === 2, { what: 'the call to arrive' });
  stream.cancel();
  t.is((await cancelled).code, status.CANCELLED);
  await until(() => ends.length === 2, { what: 'the role to see both ends' });
  t.deepEqual(ends, ['1', '2']);
  await until(() => proxy.openCalls === 0, { what: 'no calls to be left' });
});

test('the end of a client is the end of its calls at the role', async (t) => {
  let ended = 0;
  const role = await startRole(t, {
    async count(request, call, out) {
      await stayOpen(request, call, out);
      ended += 1;
    },
  });
  const { connect } = await startProxy(t, [addressOf(role)]);
  const [one, two] = [connect(), connect()];
  const streams = [openCount(one, 1), openCount(one, 2)];
  const other = openCount(two, 3);
  const over = streams.map((stream) => failure(readAll(stream)));
  const othersEnd = failure(readAll(other));
  let isOtherOver = false;
  void othersEnd.then(() => (isOtherOver = true));
  await until(() => role.openCalls === 3, { what: 'three calls at the role' });
  for (const stream of streams) stream.cancel();
  one.close();
  await Promise.all(over);
  await until(() => ended === 2, { what: 'the calls of the first client to end' });
  t.false(isOtherOver);
  t.is(role.openCalls, 1);
  other.cancel();
  await othersEnd;
});

test('an unknown service is told, and what is no call of gRPC gets an HTTP status', async (t) => {
  const role = await startRole(t);
  const { connect, port } = await startProxy(t, [addressOf(role)]);
  const client = connect();
  const unknown = (path: string) =>
    failure(
      new Promise((_resolve, reject) => {
        client.makeUnaryRequest(
          path,
          (value: Buffer) => value,
          (value) => value,
          Buffer.alloc(0),
          (error) => {
            if (error !== null) reject(error);
          },
        );
      }),
    );
  t.like(await unknown('/berth.nothing.v1.Nothing/Do'), { code: status.UNIMPLEMENTED, reason: 'NO_SUCH_METHOD' });
  t.like(await unknown('/nothing/Do'), { code: status.UNIMPLEMENTED, reason: 'NO_SUCH_METHOD' });
  // Of a service that the role does not have, the role says so.
  t.like(await unknown('/berth.test.v1.Other/Do'), { code: status.UNIMPLEMENTED });
  t.is(await httpStatus(port, { ':method': 'GET', ':path': '/' }), 405);
  t.is(await httpStatus(port, { ':method': 'POST', ':path': '/berth.test.v1.Echo/Echo' }), 415);
});

async function httpStatus(port: number, headers: Record<string, string>): Promise<number | undefined> {
  const { connect } = await import('node:http2');
  const session = connect(`http://127.0.0.1:${String(port)}`);
  try {
    return await new Promise((resolve, reject) => {
      const stream = session.request(headers);
      stream.on('response', (answer) => {
        resolve(answer[':status']);
      });
      stream.on('error', reject);
      stream.end();
    });
  } finally {
    session.destroy();
  }
}
