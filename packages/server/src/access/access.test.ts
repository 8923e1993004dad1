import type { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { CallError } from '../calls/echo-client.fixture.js';
import { callEcho, callSum, openChat, openCount, readError } from '../calls/echo-client.fixture.js';
import { EchoDefinition, serveEcho, word } from '../calls/echo-service.fixture.js';
import type { Caller } from '../identity/caller.js';
import type { Identity } from '../identity/identity.js';
import { notAuthenticated } from '../identity/refused-caller.js';
import { ROLES } from '../identity/role.js';
import { accessOf } from './access-of.js';
import type { Access } from './access.js';

/** Whoever shows `role[/bench]` as its token is that; `later` must be verified first. */
function identity(verified: Promise<void> = Promise.resolve()): Identity {
  return {
    open: false,
    callerOf: (shown) => {
      const [, kind = '', bench] = /^Bearer (\w+)(?:\/(\w+))?$/.exec(shown.text('authorization') ?? '') ?? [];
      if (kind === '') throw notAuthenticated();
      const caller: Caller = {
        name: kind,
        role: 'viewer',
        via: 'token',
        ...(bench !== undefined && { benches: [bench] }),
      };
      if (kind === 'later') return verified.then(() => ({ ...caller, role: 'user' }));
      return { ...caller, role: ROLES.find((role) => role === kind) ?? 'viewer' };
    },
  };
}

function told(error: unknown): string {
  return (error as CallError).info?.reason ?? String(error);
}

async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'served', told);
}

async function refusal(call: Promise<unknown>): Promise<CallError> {
  return call.then(
    () => {
      throw new Error('it was served');
    },
    (error: unknown) => error as CallError,
  );
}

const CREDENTIALS = ['', 'viewer', 'user', 'operator', 'admin', 'limited/b1'];
/** Who of them may call, by the access of the method. */
const MAY: Readonly<Record<Access, readonly string[]>> = {
  open: CREDENTIALS,
  viewer: ['viewer', 'user', 'operator', 'admin', 'limited/b1'],
  user: ['user', 'operator', 'admin'],
  operator: ['operator', 'admin'],
  admin: ['admin'],
  bench: ['operator', 'admin', 'limited/b1'],
};

for (const [access, may] of Object.entries(MAY) as [Access, readonly string[]][]) {
  test(`a method of access '${access}' is served to whom it is for, and runs for nobody else`, async (t) => {
    let served = 0;
    const echo = (request: ErrorInfo): Promise<ErrorInfo> => Promise.resolve(((served += 1), request));
    const all = { echo: access, count: access, sum: access, chat: access };
    const { client } = await serveEcho(t, { echo }, { identity: identity(), access: all });
    for (const token of CREDENTIALS) {
      const metadata: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
      const refused = token === '' ? 'NOT_AUTHENTICATED' : 'PERMISSION_DENIED';
      t.is(await outcome(callEcho(client, word('x'), { metadata })), may.includes(token) ? 'served' : refused, token);
    }
    t.is(served, may.length);
  });
}

test('the refusal names the caller, what it called and what that takes', async (t) => {
  const access = { echo: 'operator', count: 'viewer', sum: 'viewer', chat: 'bench' } as const;
  const { client } = await serveEcho(t, {}, { identity: identity(), access });
  const call = (token: string): Promise<unknown> =>
    callEcho(client, word('x'), { metadata: { authorization: `Bearer ${token}` } });
  const error = await refusal(call('user'));
  t.is(
    error.text,
    "user has role 'user' and may not call Echo.Echo; that takes role 'operator'. Ask somebody who has it.",
  );
  t.deepEqual(error.info?.metadata, { role: 'user', required: 'operator', method: '/berth.test.v1.Echo/Echo' });
  const limited = await refusal(call('limited/b1'));
  t.regex(limited.text, /^limited is limited to benches \(b1\) and may not call Echo\.Echo;/);
});

test('each shape of method is refused in the same way', async (t) => {
  const { client } = await serveEcho(t, {}, { identity: identity() });
  const [count, chat] = [openCount(client, { seconds: 1, nanos: 0 }), openChat(client)];
  const ended = [count, chat].map(
    (stream) =>
      new Promise<string>((resolve) => {
        stream.on('data', () => undefined);
        stream.on('error', (error) => {
          resolve(told(readError(error as Parameters<typeof readError>[0])));
        });
      }),
  );
  t.deepEqual(
    await Promise.all([
      outcome(callEcho(client, word('x'))),
      outcome(callSum(client, [{ seconds: 1, nanos: 0 }])),
      ...ended,
    ]),
    ['NOT_AUTHENTICATED', 'NOT_AUTHENTICATED', 'NOT_AUTHENTICATED', 'NOT_AUTHENTICATED'],
  );
});

test('a caller that must be verified first is served then, unless it has hung up', async (t) => {
  let verify: () => void = () => undefined;
  const verified = new Promise<void>((resolve) => (verify = resolve));
  let served = 0;
  const echo = (request: ErrorInfo): Promise<ErrorInfo> => Promise.resolve(((served += 1), request));
  const { client, server } = await serveEcho(t, { echo }, { identity: identity(verified) });
  const metadata = { authorization: 'Bearer later' };
  const hungUp = callEcho(client, word('x'), { metadata, deadline: Date.now() + 50 });
  await t.throwsAsync(hungUp, { any: true });
  t.is(server.openCalls, 0);
  // It comes after the hang-up over the same connection: when it was answered, the server knows.
  await callEcho(client, word('z'), { metadata: { authorization: 'Bearer user' } });
  const waiting = callEcho(client, word('y'), { metadata });
  verify();
  t.is((await waiting).reason, 'y');
  t.is(served, 2);
});

test('the list of methods has each one with its access, and whether it changes something', (t) => {
  const methods = {
    ...EchoDefinition.methods,
    count: { ...EchoDefinition.methods.count, options: { idempotencyLevel: 'NO_SIDE_EFFECTS' } },
  };
  const access = { echo: 'open', count: 'viewer', sum: 'bench', chat: 'admin' } as const;
  t.deepEqual(accessOf([{ definition: { ...EchoDefinition, methods }, access }]), [
    { method: '/berth.test.v1.Echo/Echo', access: 'open', changes: true },
    { method: '/berth.test.v1.Echo/Count', access: 'viewer', changes: false },
    { method: '/berth.test.v1.Echo/Sum', access: 'bench', changes: true },
    { method: '/berth.test.v1.Echo/Chat', access: 'admin', changes: true },
  ]);
});

test('a service with a method that nobody is said to call is not served', async (t: ExecutionContext) => {
  const access = { echo: 'viewer', count: 'viewer', sum: 'viewer' } as never;
  await t.throwsAsync(serveEcho(t, {}, { access }), { message: /nothing says who may call .*Chat/ });
});
