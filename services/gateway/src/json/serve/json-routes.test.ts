import type { JsonObject } from '@bufbuild/protobuf';
import { BerthError } from '@berth/kernel';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { servedService } from '@berth/server';
import { accessOfAll, partOfService, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { GatewayServer, GatewayServerOptions } from '../../gateway-server.fixture.js';
import { serveGateway } from '../../gateway-server.fixture.js';
import { send } from '../http-client.fixture.js';

type LeaseMethods = Partial<ServiceImplementation<typeof LeaseServiceDefinition>>;
type InventoryMethods = Partial<ServiceImplementation<typeof InventoryServiceDefinition>>;

interface Methods {
  readonly lease?: LeaseMethods;
  readonly inventory?: InventoryMethods;
}

/** A gateway before services that have these methods only. */
function gatewayOf(
  t: ExecutionContext,
  { lease = {}, inventory = {} }: Methods,
  options?: GatewayServerOptions,
): Promise<GatewayServer> {
  return serveGateway(
    t,
    [
      servedService(
        LeaseServiceDefinition,
        partOfService(LeaseServiceDefinition, lease),
        accessOfAll(LeaseServiceDefinition, 'viewer'),
      ),
      servedService(
        InventoryServiceDefinition,
        partOfService(InventoryServiceDefinition, inventory),
        accessOfAll(InventoryServiceDefinition, 'viewer'),
      ),
      servedService(
        RecordServiceDefinition,
        partOfService(RecordServiceDefinition, {}),
        accessOfAll(RecordServiceDefinition, 'operator'),
      ),
    ],
    options,
  );
}

/** The reason in an error's details, and the fields that it names. */
function faultOf(json: unknown): { readonly reason: string | undefined; readonly fields: readonly string[] } {
  const { details } = json as { readonly details: readonly Record<string, unknown>[] };
  const info = details.find((one) => one['@type'] === 'type.googleapis.com/google.rpc.ErrorInfo');
  const bad = details.find((one) => one['@type'] === 'type.googleapis.com/google.rpc.BadRequest');
  const violations = (bad?.['fieldViolations'] ?? []) as readonly { readonly field: string }[];
  return { reason: info?.['reason'] as string | undefined, fields: violations.map(({ field }) => field) };
}

test('a unary call goes by its rule, with its caller', async (t) => {
  const seen: { lease: string; reason: string; caller: string; role: string }[] = [];
  const revoke = (
    { leaseId, reason }: { leaseId: string; reason: string },
    { caller }: CallContext,
  ): Promise<{ revoked: boolean }> => {
    seen.push({ lease: leaseId, reason, caller: caller.name, role: caller.role });
    return Promise.resolve({ revoked: false });
  };
  const { base } = await gatewayOf(t, { lease: { revoke } });
  const answer = await send(base, {
    method: 'POST',
    url: '/v1/leases/a%2Fb%3Arevoke:revoke',
    headers: { 'berth-user': 'ann', 'berth-role': 'admin', 'content-type': 'application/json' },
    body: '{"reason": "it burns"}',
  });
  t.is(answer.status, 200);
  t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
  t.deepEqual(answer.json, { revoked: false });
  t.deepEqual(seen, [{ lease: 'a/b:revoke', reason: 'it burns', caller: 'ann', role: 'admin' }]);
});

test('HEAD is GET without a body, and not for streams', async (t) => {
  const { base } = await gatewayOf(t, {
    lease: { listLeases: () => Promise.resolve({ leases: [], nextPageToken: '', revision: 5 }) },
  });
  const answer = await send(base, { method: 'HEAD', url: '/v1/leases' });
  t.is(answer.status, 200);
  t.is(answer.text, '');
  t.is((await send(base, { method: 'HEAD', url: '/v1/watch' })).status, 405);
});

test("a role's error keeps its details, and has the status of its code", async (t) => {
  const errors: Readonly<Record<string, BerthError>> = {
    none: new BerthError('NO_SUCH_LEASE', 'there is no such lease', {
      resource: { type: 'berth.dev/Lease', name: 'none' },
    }),
    old: new BerthError('STALE_TOKEN', 'the token is old', {
      preconditions: [{ type: 'TOKEN', subject: 'b', description: 'old' }],
    }),
    away: new BerthError('STORE_UNAVAILABLE', 'the store is away', { retryAfterMs: 2500 }),
    large: new BerthError('MESSAGE_TOO_LARGE', 'too large', {
      quota: [{ subject: 'request', description: 'at most 1' }],
    }),
    bug: new BerthError('INTERNAL', 'a bug'),
    twice: new BerthError('BENCH_EXISTS', 'it is there'),
    taken: new BerthError('STALE_ETAG', 'it changed'),
    not: new BerthError('PERMISSION_DENIED', 'not yours'),
    full: new BerthError('BENCH_BUSY', 'all are held'),
  };
  const getLease = ({ leaseId }: { leaseId: string }): Promise<never> =>
    Promise.reject(errors[leaseId] ?? new Error('boom'));
  const { base } = await gatewayOf(t, { lease: { getLease } });
  const statuses: Record<string, number> = {};
  for (const name of [...Object.keys(errors), 'unforeseen']) {
    const { status, json } = await send(base, { url: `/v1/leases/${name}` });
    statuses[name] = status;
    if (name !== 'unforeseen') t.is(faultOf(json).reason, errors[name]?.reason, name);
  }
  t.deepEqual(statuses, {
    none: 404,
    old: 400,
    away: 503,
    large: 413,
    bug: 500,
    twice: 409,
    taken: 409,
    not: 403,
    full: 429,
    unforeseen: 500,
  });
  const away = await send(base, { url: '/v1/leases/away' });
  t.is(away.headers['retry-after'], '3');
  t.deepEqual((away.json as JsonObject)['details'], [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'STORE_UNAVAILABLE', domain: 'berth.dev' },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' },
  ]);
});

test('a role sees the deadline, and the caller is told when it has passed', async (t) => {
  const left: number[] = [];
  const getLease = async ({ leaseId }: { leaseId: string }, call: CallContext): Promise<never> => {
    if (leaseId === 'first') throw new BerthError('NO_SUCH_LEASE', 'there is none');
    left.push((call.deadlineMs ?? 0) - Date.now());
    await new Promise((resolve) => call.onOver(() => resolve(undefined)));
    throw new Error('over');
  };
  const { base } = await gatewayOf(t, { lease: { getLease } });
  // The connection to the role is there when the clock of the second call starts.
  t.is((await send(base, { url: '/v1/leases/first' })).status, 404);
  const answer = await send(base, { url: '/v1/leases/a', headers: { 'grpc-timeout': '3000m' } });
  t.is(answer.status, 504);
  t.is((answer.json as JsonObject)['code'], 4);
  t.is(left.length, 1);
  t.true((left[0] ?? 0) <= 3000);
});

test('a role sees that a client hung up', async (t) => {
  let isOver = false;
  let hasBegun = false;
  const getLease = async (_request: unknown, call: CallContext): Promise<never> => {
    hasBegun = true;
    await new Promise((resolve) => call.onOver(() => resolve(undefined)));
    isOver = true;
    throw new Error('over');
  };
  const { base } = await gatewayOf(t, { lease: { getLease } });
  const hangUp = new AbortController();
  const answer = t.throwsAsync(fetch(`${base}/v1/leases/a`, { signal: hangUp.signal }), { any: true });
  await until(() => hasBegun, { what: 'the call to arrive' });
  hangUp.abort();
  await answer;
  t.true(await until(() => isOver, { what: 'the role to see it' }));
});

const LARGE = Buffer.alloc(20 << 20, ' ');
const BAD: readonly (readonly [
  title: string,
  request: {
    readonly method?: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  },
  expected: {
    readonly status: number;
    readonly reason: string;
    readonly fields?: readonly string[];
    readonly message?: RegExp;
  },
])[] = [
  [
    'an unknown parameter',
    { url: '/v1/leases?page_sise=1' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['page_sise'], message: /did you mean 'page_size'/ },
  ],
  [
    'an unknown field',
    { method: 'POST', url: '/v1/leases/a:release', body: '{"fencing_tokn": 1}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['fencing_tokn'], message: /did you mean 'fencing_token'/ },
  ],
  [
    'bad JSON',
    { method: 'POST', url: '/v1/leases/a:release', body: '{"lab": "x",\n "lease_id" "a"}' },
    { status: 400, reason: 'MALFORMED_REQUEST', fields: ['body'], message: /line 2, column 13/ },
  ],
  [
    'no JSON',
    { method: 'POST', url: '/v1/leases/a:release', body: 'lab=x' },
    { status: 400, reason: 'MALFORMED_REQUEST', message: /line 1, column 1/ },
  ],
  [
    'two bodies',
    { method: 'POST', url: '/v1/leases/a:release', body: '{"lab": "x"}\n{"lab": "y"}' },
    { status: 400, reason: 'MALFORMED_REQUEST', message: /line 2, column 1: a second value/ },
  ],
  [
    'a field twice',
    { method: 'POST', url: '/v1/leases/a:release', body: '{"lab": "x", "lab": "y"}' },
    { status: 400, reason: 'MALFORMED_REQUEST', message: /"lab" is in this object twice/ },
  ],
  [
    'bytes that are not UTF-8',
    { method: 'POST', url: '/v1/leases/a:release', body: Buffer.from([0x22, 0xff, 0x22]) },
    { status: 400, reason: 'MALFORMED_REQUEST', message: /not UTF-8/ },
  ],
  [
    'a bad enum',
    { method: 'POST', url: '/v1/leases/a:transfer', body: '{"hold": "HOLD_MODE_TLT"}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['hold'], message: /did you mean 'HOLD_MODE_TTL'/ },
  ],
  [
    'a bad enum in a query',
    { url: '/v1/records/k?filters={"field":"a","equal":1}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['filters[0].equal'], message: /did you mean 'equals'/ },
  ],
  [
    'a body where none belongs',
    { url: '/v1/leases', body: '{}', headers: { 'content-length': '2' } },
    { status: 400, reason: 'INVALID_FIELD', fields: ['body'] },
  ],
  [
    'a body for DELETE',
    { method: 'DELETE', url: '/v1/benches/a', body: '{}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['body'] },
  ],
  [
    'parameters beside a body',
    { method: 'POST', url: '/v1/leases/a:release?lab=x', body: '{}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['lab'], message: /belongs into the body/ },
  ],
  [
    'another name in path and body',
    { method: 'POST', url: '/v1/leases/a:release', body: '{"leaseId": "b"}' },
    { status: 400, reason: 'INVALID_FIELD', fields: ['lease_id'], message: /"a" in the path and "b" in the body/ },
  ],
  ['20 MB', { method: 'POST', url: '/v1/leases/a:release', body: LARGE }, { status: 413, reason: 'MESSAGE_TOO_LARGE' }],
  [
    '20 MB in chunks',
    { method: 'POST', url: '/v1/leases/a:release', body: LARGE, headers: { 'transfer-encoding': 'chunked' } },
    { status: 413, reason: 'MESSAGE_TOO_LARGE' },
  ],
  [
    'a packed body',
    { method: 'POST', url: '/v1/leases/a:release', body: 'x', headers: { 'content-encoding': 'gzip' } },
    { status: 415, reason: 'UNSUPPORTED_MEDIA' },
  ],
  [
    'a bad timeout',
    { url: '/v1/leases', headers: { 'grpc-timeout': '10' } },
    { status: 400, reason: 'INVALID_FIELD', fields: ['header.grpc-timeout'] },
  ],
  ['bad percent-encoding', { url: '/v1/leases/%ff' }, { status: 400, reason: 'MALFORMED_REQUEST', fields: ['path'] }],
  [
    'a wrong method',
    { method: 'PUT', url: '/v1/leases/a' },
    { status: 405, reason: 'METHOD_NOT_ALLOWED', message: /it takes GET/ },
  ],
  [
    'a verb by GET',
    { url: '/v1/leases:acquire' },
    { status: 405, reason: 'METHOD_NOT_ALLOWED', message: /it takes POST/ },
  ],
  [
    'an unknown path',
    { url: '/v1/lease' },
    { status: 404, reason: 'NO_SUCH_PATH', message: /did you mean '\/v1\/leases'/ },
  ],
  [
    'an unknown path with names',
    { url: '/v1/benchs/a%2Fb' },
    { status: 404, reason: 'NO_SUCH_PATH', message: /did you mean '\/v1\/benches\/a%2Fb'/ },
  ],
  [
    'an unknown verb',
    { method: 'POST', url: '/v1/leases/a:relaese' },
    { status: 404, reason: 'NO_SUCH_PATH', message: /did you mean '\/v1\/leases\/a:release'/ },
  ],
];

for (const [title, request, { status, reason, fields, message }] of BAD) {
  test(`refused, and never sent on: ${title}`, async (t) => {
    const { base, logged } = await gatewayOf(t, {});
    const answer = await send(base, request);
    t.is(answer.status, status, answer.text);
    const fault = faultOf(answer.json);
    t.is(fault.reason, reason);
    if (fields !== undefined) t.deepEqual(fault.fields, fields);
    t.regex((answer.json as { message: string }).message, message ?? /./);
    // A call that had arrived would have found no such method, which is logged.
    t.deepEqual(
      logged.filter(({ level }) => Number(level) >= 50),
      [],
    );
    // The connection is of use afterwards.
    t.is((await send(base, { url: '/healthz' })).status, 200);
  });
}

test('405 says what is allowed', async (t) => {
  const { base } = await gatewayOf(t, {});
  const answer = await send(base, { method: 'PUT', url: '/v1/benches/a' });
  t.is(answer.status, 405);
  t.is(answer.headers.allow, 'DELETE, GET, PATCH');
});

test('a place in the JSON is told for machines too', async (t) => {
  const { base } = await gatewayOf(t, {});
  const { json } = await send(base, { method: 'POST', url: '/v1/leases/a:release', body: '{\n  "lab": x}' });
  const [info] = (json as unknown as { details: readonly { metadata: unknown }[] }).details;
  t.deepEqual(info?.metadata, { line: '2', column: '10' });
});

test('both names of fields are read, and defaults are written', async (t) => {
  const seen: unknown[] = [];
  const listBenches = (request: unknown): Promise<{ benches: never[]; nextPageToken: string; revision: number }> => {
    seen.push(request);
    return Promise.resolve({ benches: [], nextPageToken: '', revision: 0 });
  };
  const { base } = await gatewayOf(t, { inventory: { listBenches } });
  for (const name of ['page_size', 'pageSize']) {
    const { json } = await send(base, { url: `/v1/benches?${name}=7&requirement.query=attributes%3D%5Ba%5D` });
    t.deepEqual(json, { benches: [], nextPageToken: '', revision: '0' });
  }
  t.is(seen.length, 2);
  t.deepEqual(seen[0], seen[1]);
  t.like(seen[0], { pageSize: 7, requirement: { query: 'attributes=[a]' } });
});
