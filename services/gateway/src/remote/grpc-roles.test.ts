import type { Caller } from '@berth/server';
import { until } from '@berth/testkit';
import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { Duration } from '@berth/proto/google/protobuf/duration';
import { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { EchoMethods } from '../proxy/proxy.fixture.js';
import { addressOf, PATH, startRole, word } from '../proxy/proxy.fixture.js';
import { GrpcRoles } from './grpc-roles.js';

const JÖRG: Caller = { name: 'jörg', role: 'user', via: 'open', team: 'kätzchen' };
const signal = new AbortController().signal;

async function start(t: ExecutionContext, methods: Partial<EchoMethods> = {}) {
  const server = await startRole(t, methods);
  const roles = new GrpcRoles({ address: () => addressOf(server), secret: '' });
  t.teardown(() => {
    roles.close();
  });
  return { server, roles };
}

function encoded(reason: string): Uint8Array {
  return ErrorInfo.encode(word(reason)).finish();
}

async function* twoWords(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* [encoded('a'), encoded('b')];
}

async function reasonsOf(answers: AsyncIterable<Uint8Array>): Promise<string[]> {
  const reasons: string[] = [];
  for await (const answer of answers) reasons.push(ErrorInfo.decode(answer).reason);
  return reasons;
}

test('a raw call is made for its caller, whatever the name, with a deadline', async (t) => {
  let seen: Caller | undefined;
  let leftMs = 0;
  const { roles } = await start(t, {
    echo: (request, { caller, deadlineMs = 0 }) => {
      [seen, leftMs] = [caller, deadlineMs - Date.now()];
      return Promise.resolve(request);
    },
  });
  const answer = await roles.unary(PATH.echo, encoded('hello'), { caller: JÖRG, signal, deadlineMs: 5000 });
  t.is(ErrorInfo.decode(answer).reason, 'hello');
  t.like(seen, { name: 'jörg', role: 'user', team: 'kätzchen' });
  t.true(leftMs > 1000 && leftMs <= 5000);
  await roles.unary(PATH.echo, encoded(''), { caller: { ...JÖRG, benches: ['b1', 'bänk'] }, signal });
  t.deepEqual(seen?.benches, ['b1', 'bänk']);
});

test('a raw call fails with code and details, or with the reason of its signal', async (t) => {
  const { roles, server } = await start(t, {
    echo: async ({ reason }, call) => {
      if (reason === 'fail') throw new BerthError('BENCH_BUSY', 'it is held');
      await new Promise<void>((resolve) => {
        call.onOver(resolve);
      });
      return word('');
    },
  });
  const error = await t.throwsAsync<ServiceError>(roles.unary(PATH.echo, encoded('fail'), { caller: JÖRG, signal }));
  t.is(error.code, status.RESOURCE_EXHAUSTED);
  t.is(error.metadata.get('grpc-status-details-bin').length, 1);
  const stop = new AbortController();
  const waiting = roles.unary(PATH.echo, encoded('wait'), { caller: JÖRG, signal: stop.signal });
  await until(() => server.openCalls === 1, { what: 'the call to arrive' });
  stop.abort(new Error('hung up'));
  await t.throwsAsync(waiting, { message: 'hung up' });
  await until(() => server.openCalls === 0, { what: 'the role to see it' });
});

test('streams of every shape pass as bytes, each on a connection of its own', async (t) => {
  const { roles, server } = await start(t, {
    async count({ seconds }, _call, out) {
      for (let i = 1; i <= seconds; i += 1) await out.write(word(String(i)));
    },
  });
  const options = { caller: JÖRG, signal };
  const three = Duration.encode({ seconds: 3, nanos: 0 }).finish();
  t.deepEqual(await reasonsOf(roles.stream(PATH.count, three, options)), ['1', '2', '3']);
  t.deepEqual(await reasonsOf(roles.stream(PATH.chat, twoWords(), options)), ['a', 'b']);
  t.is(server.openCalls, 0);
});

test('leaving a stream hangs up, and requests that fail end it with their fault', async (t) => {
  const { roles, server } = await start(t, {
    async count(_request, call, out) {
      await out.write(word('open'));
      await new Promise<void>((resolve) => {
        call.onOver(resolve);
      });
    },
  });
  const options = { caller: JÖRG, signal };
  for await (const answer of roles.stream(PATH.count, new Uint8Array(), options)) {
    t.is(ErrorInfo.decode(answer).reason, 'open');
    break;
  }
  await until(() => server.openCalls === 0, { what: 'the role to see it' });
  const failing = (async function* () {
    yield encoded('a');
    await Promise.reject(new Error('a line cannot be read'));
  })();
  await t.throwsAsync(reasonsOf(roles.stream(PATH.chat, failing, options)), { message: 'a line cannot be read' });
  await until(() => server.openCalls === 0, { what: 'the role to see that too' });
});

test('clients of one caller are one, which a request cannot close; one of its own is closed with its connection', async (t) => {
  const { roles } = await start(t);
  const shared = roles.for(JÖRG);
  t.is(roles.for({ ...JÖRG }), shared);
  t.not(roles.for({ ...JÖRG, team: 'others' }), shared);
  shared.close();
  t.is(await shared.health('berth.test.v1.Echo'), 'SERVING');
  const own = roles.for(JÖRG, { own: true });
  t.is(await own.health(), 'SERVING');
  own.close();
  await t.throwsAsync(own.health(), { message: /closed/ });
  t.is(await shared.health(), 'SERVING');
});
