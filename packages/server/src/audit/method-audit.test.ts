import { BerthError } from '@berth/kernel';
import type { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { callEcho } from '../calls/echo-client.fixture.js';
import type { EchoImplementation } from '../calls/echo-service.fixture.js';
import { EchoDefinition, serveEcho, word } from '../calls/echo-service.fixture.js';
import { createGrpcServer } from '../grpc-server.js';
import type { Identity } from '../identity/identity.js';
import { badCredentials } from '../identity/refused-caller.js';
import type { Audit, AuditEntry } from './audit.js';
import { targetOf } from './target-of.js';

const ECHO = '/berth.test.v1.Echo/Echo';
const IDENTITY: Identity = {
  open: false,
  callerOf: (shown) => {
    const name = shown.text('authorization');
    if (name === 'wrong') throw badCredentials('no such token');
    return { name: name ?? '', role: name === 'olga' ? 'operator' : 'user', via: 'token', by: 'gateway' };
  },
};

interface Scene {
  readonly entries: AuditEntry[];
  readonly call: (name: string) => Promise<string>;
}

async function scene(
  t: ExecutionContext,
  access: 'user' | 'operator',
  echo: EchoImplementation['echo'] = (request) => Promise.resolve(request),
  write?: Audit['write'],
): Promise<Scene> {
  const entries: AuditEntry[] = [];
  const audit = { write: write ?? ((entry: AuditEntry) => void entries.push(entry)) };
  const table = { echo: access, count: access, sum: access, chat: access };
  const { client } = await serveEcho(t, { echo }, { identity: IDENTITY, audit, access: table });
  const call = (authorization: string): Promise<string> =>
    callEcho(client, { ...word('x'), domain: 'secret' }, { metadata: { authorization } }).then(
      () => 'served',
      (error: unknown) => (error as { info?: ErrorInfo }).info?.reason ?? String(error),
    );
  return { entries, call };
}

test('a change by an operator is written down before it begins', async (t) => {
  const seen: number[] = [];
  const { entries, call } = await scene(t, 'operator', (request) => {
    seen.push(entries.length);
    return Promise.resolve(request);
  });
  t.is(await call('olga'), 'served');
  t.deepEqual(seen, [1]);
  t.is(entries.length, 1);
  t.like(entries[0], { decision: 'allowed', method: ECHO, caller: { name: 'olga', by: 'gateway' } });
  t.regex(entries[0]?.requestId ?? '', /^[0-9a-f]{8}-/);
  t.regex(entries[0]?.peer ?? '', /^127\.0\.0\.1:\d+$/);
});

test('a change that failed is told beside, under the same request', async (t) => {
  const { entries, call } = await scene(t, 'operator', () => {
    throw new BerthError('NO_SUCH_BENCH', 'none');
  });
  t.is(await call('olga'), 'NO_SUCH_BENCH');
  t.deepEqual(
    entries.map(({ decision, reason }) => [decision, reason]),
    [
      ['allowed', undefined],
      ['failed', 'NO_SUCH_BENCH'],
    ],
  );
  t.is(entries[0]?.requestId, entries[1]?.requestId);
});

test('who is refused is told with the reason that the caller is not told', async (t) => {
  const { entries, call } = await scene(t, 'operator');
  t.is(await call('wrong'), 'BAD_CREDENTIALS');
  t.is(await call('bob'), 'PERMISSION_DENIED');
  t.like(entries[0], { decision: 'refused', method: ECHO, reason: 'BAD_CREDENTIALS', why: 'no such token' });
  t.is(entries[0]?.caller, undefined);
  t.like(entries[1], { decision: 'refused', reason: 'PERMISSION_DENIED', caller: { name: 'bob' } });
  t.false(JSON.stringify(entries).includes('secret'));
});

test('what users do with their own is not told; what they may not do with that of others is, and what operators change', async (t) => {
  const { entries, call } = await scene(t, 'user', (request, { caller }) => {
    if (caller.name === 'bob') throw new BerthError('PERMISSION_DENIED', 'it is of ann');
    return Promise.resolve(request);
  });
  t.is(await call('ann'), 'served');
  t.is(await call('olga'), 'served');
  t.is(await call('bob'), 'PERMISSION_DENIED');
  t.is(entries.length, 2);
  t.like(entries[0], { decision: 'allowed', method: ECHO, caller: { name: 'olga' } });
  t.like(entries[1], { decision: 'refused', reason: 'PERMISSION_DENIED', caller: { name: 'bob' } });
});

test('nothing is changed that cannot be written down, and a refusal stays one', async (t) => {
  let changed = 0;
  const { call } = await scene(
    t,
    'operator',
    (request) => {
      changed += 1;
      return Promise.resolve(request);
    },
    () => {
      throw new BerthError('STORE_UNAVAILABLE', 'the disk is full');
    },
  );
  t.is(await call('olga'), 'STORE_UNAVAILABLE');
  t.is(changed, 0);
  t.is(await call('wrong'), 'BAD_CREDENTIALS');
});

test('a method without side effects is no deed, whoever may call it', async (t) => {
  const entries: AuditEntry[] = [];
  const audit = { write: (entry: AuditEntry) => void entries.push(entry) };
  const server = createGrpcServer({
    host: '127.0.0.1',
    port: 0,
    log: (await import('pino')).pino({ level: 'silent' }),
    audit,
  });
  const { echo } = EchoDefinition.methods;
  server.add({
    definition: { ...EchoDefinition, methods: { echo: { ...echo, options: { idempotencyLevel: 'NO_SIDE_EFFECTS' } } } },
    implementation: { echo: (request: ErrorInfo) => Promise.resolve(request) },
    access: { echo: 'operator' },
  });
  const { port } = await server.start();
  t.teardown(() => server.stop());
  const { Client, credentials } = await import('@grpc/grpc-js');
  const client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure());
  t.teardown(() => {
    client.close();
  });
  t.is((await callEcho(client, word('x'))).reason, 'x');
  t.deepEqual(entries, []);
});

test('a target is what the request names, without its contents', (t) => {
  t.is(
    targetOf({ lab: 'l', bench: { name: 'b1', properties: { password: 'hunter2' } }, requestId: 'r' }),
    'lab=l bench.name=b1',
  );
  t.is(targetOf({ lab: '', leaseId: '7', fencingToken: 3, reason: 'x' }), 'leaseId=7');
  t.is(targetOf({ numbers: [1, 2], force: true }), 'numbers=1,2');
  t.is(targetOf({ record: { kind: 'machine', fields: { token: 't' } } }), 'record.kind=machine');
  t.is(targetOf({ yaml: 'x: 1' }), undefined);
  t.is(targetOf(undefined), undefined);
  t.is(targetOf({ names: new Array(500).fill('n') })?.length, 301);
});
