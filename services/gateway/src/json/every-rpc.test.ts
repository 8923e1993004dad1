import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { Status } from '@berth/proto/google/rpc/status';
import type { Caller } from '@berth/server';
import { httpErrorOfStatus } from '@berth/server';
import type { Berthd } from '@berth/testkit';
import { startBerthd } from '@berth/testkit';
import type { ServiceError } from '@grpc/grpc-js';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import { openChannel } from '../remote/open-channel.js';
import { RawCalls } from '../remote/raw-calls.js';
import { loadDescriptorSet } from './descriptors/descriptor-set.js';
import type { Endpoint } from './endpoints.js';
import { endpointsOf, methodsOf } from './endpoints.js';
import { generatedRequest } from './generated-request.fixture.js';
import { linesOf, open, send } from './http-client.fixture.js';
import { writtenRequest } from './http-request.fixture.js';

const SEED = 7;
/** Requests of each RPC. */
const REQUESTS = 12;
/** How long a stream is waited for. */
const STREAM_MS = 4000;
const DEADLINE_EXCEEDED = 504;
const CALLER: Caller = { name: 'anonymous', role: 'operator', via: 'open' };
const INVENTORY = `pool:
  resources:
    resource1: { attributes: [a] }
    a: { attributes: [a, b] }
`;
const MOMENT = /^-?\d+(\.\d+)?s$|^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
/** Numbers that rise with everything that happens. */
const RISING = /^(revision|current_revision|fencing_token)$/i;

const endpoints = endpointsOf(await loadDescriptorSet());
let berthd: Berthd;
let grpc: RawCalls;
/** The RPCs of which a request succeeded. */
const succeeded = new Set<string>();

test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY, settings: { http: { listen: '127.0.0.1:0' } } });
  grpc = new RawCalls(openChannel(berthd.address), {});
});
test.after.always(() => berthd.stop());

/** What a call gave: its status over HTTP, and its answer, or the first of its answers, or its error. */
interface Answer {
  readonly status: number;
  readonly body: JsonValue;
}

/** Sends a request over HTTP. */
async function overHttp({ method, binding, responseStream }: Endpoint, json: JsonObject): Promise<Answer> {
  const base = berthd.http ?? '';
  const written = writtenRequest(method.input, binding, json);
  if (!responseStream) {
    const { status, json: body } = await send(base, written);
    return { status, body };
  }
  const response = await open(base, { ...written, headers: { 'grpc-timeout': `${String(STREAM_MS)}m` } });
  for await (const line of linesOf(response))
    return { status: response.statusCode ?? 0, body: JSON.parse(line) as JsonValue };
  return { status: response.statusCode ?? 0, body: null };
}

/** Sends the same request over gRPC, and says what that is over HTTP. */
async function overGrpc({ path, method, requestStream, responseStream }: Endpoint, json: JsonObject): Promise<Answer> {
  const { registry } = endpoints;
  const bytes = toBinary(method.input, fromJson(method.input, json, { registry }));
  const show = (answer: Uint8Array): JsonValue =>
    toJson(method.output, fromBinary(method.output, answer), { registry, alwaysEmitImplicit: true });
  const options = {
    caller: CALLER,
    signal: new AbortController().signal,
    deadlineMs: responseStream ? STREAM_MS : undefined,
  };
  try {
    if (!requestStream && !responseStream) return { status: 200, body: show(await grpc.unary(path, bytes, options)) };
    for await (const answer of grpc.stream(path, bytes, options))
      return { status: 200, body: { result: show(answer) } };
    return { status: 200, body: null };
  } catch (error) {
    const { code, details, metadata } = error as ServiceError;
    const [told] = metadata.get('grpc-status-details-bin');
    const status = told === undefined ? { code, message: details, details: [] } : Status.decode(Buffer.from(told));
    const { status: http, body } = httpErrorOfStatus(status);
    return { status: http, body: body as unknown as JsonValue };
  }
}

/** An answer without what differs from one call to the next: moments, spans that run, revisions. */
function lasting(value: JsonValue, key = ''): JsonValue {
  if (typeof value === 'string') return MOMENT.test(value) || RISING.test(key) ? '…' : value;
  if (Array.isArray(value)) return value.map((each) => lasting(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, lasting(inner, name)]));
}

test('every RPC has an endpoint', (t) => {
  const served = new Set(endpoints.list.map(({ path }) => path));
  const all = methodsOf(endpoints.registry).filter(({ parent }) => parent.typeName.startsWith('berth.'));
  t.true(all.length > 100);
  t.deepEqual(
    all.map(({ parent, name }) => `/${parent.typeName}/${name}`).filter((path) => !served.has(path)),
    [],
  );
});

/** Compares what a request gives over both. */
async function compare(t: ExecutionContext, endpoint: Endpoint, json: JsonObject, atOnce: boolean): Promise<void> {
  const { method, binding } = endpoint;
  const first = overHttp(endpoint, json);
  if (!atOnce) await first;
  const [http, expected] = await Promise.all([first, overGrpc(endpoint, json)]);
  const written = JSON.stringify(writtenRequest(method.input, binding, json));
  t.is(http.status, expected.status, `${written}: ${JSON.stringify(http.body)} / ${JSON.stringify(expected.body)}`);
  // A stream that has nothing to tell yet ends by its deadline, whose message has the time in it.
  if (http.status !== DEADLINE_EXCEEDED) t.deepEqual(lasting(http.body), lasting(expected.body), written);
  if (http.status === 200) succeeded.add(endpoint.path);
}

// One after another: between a call over HTTP and the same over gRPC nothing else happens.
for (const endpoint of endpoints.list) {
  test.serial(`${endpoint.path} gives over HTTP what it gives over gRPC`, async (t) => {
    const { method, binding, responseStream } = endpoint;
    const always = binding.template.variables.map(({ field }) => field);
    const arbitrary = generatedRequest(method.input, always, `every-rpc-${method.parent.name}-${method.name}`);
    const requests = fc.sample(arbitrary, { seed: SEED, numRuns: REQUESTS }).map((request, i): JsonObject => {
      // Every second request has an id of its own; the others use one id for different requests.
      const requestId = request['requestId'];
      return i % 2 === 0 || typeof requestId !== 'string'
        ? request
        : { ...request, requestId: `${requestId}-${String(i)}` };
    });
    if (responseStream && method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) {
      await Promise.all(requests.map((json) => compare(t, endpoint, json, true)));
    } else for (const json of requests) await compare(t, endpoint, json, false);
  });
}

test.serial('many of the generated requests succeed', (t) => {
  t.true(succeeded.size > 40, `only of ${String(succeeded.size)} RPCs: ${[...succeeded].join(', ')}`);
});
