import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { BerthError } from '@berth/kernel';
import type { KeepAliveRequest, KeepAliveResponse } from '@berth/proto/berth/lease/v1/lease_service';
import {
  KeepAliveResponse as KeepAlive,
  LeaseServiceDefinition,
  WatchDemandResponse,
} from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream, ServiceImplementation } from '@berth/server';
import { servedService } from '@berth/server';
import { accessOfAll, fakeClock, partOfService, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { GatewayServer, GatewayServerOptions } from '../../gateway-server.fixture.js';
import { serveGateway } from '../../gateway-server.fixture.js';
import { linesOf, open, send } from '../http-client.fixture.js';

type Methods = Partial<ServiceImplementation<typeof LeaseServiceDefinition>>;
type DemandStream = ResponseStream<WatchDemandResponse>;

const DEMAND = '/v1/demand';
const EVENTS = { accept: 'text/event-stream' };

function gatewayOf(t: ExecutionContext, methods: Methods, options?: GatewayServerOptions): Promise<GatewayServer> {
  const implementation = partOfService(LeaseServiceDefinition, methods);
  return serveGateway(
    t,
    [servedService(LeaseServiceDefinition, implementation, accessOfAll(LeaseServiceDefinition, 'viewer'))],
    options,
  );
}

function demand(revision: number): WatchDemandResponse {
  return WatchDemandResponse.fromPartial({ revision });
}

/** A stream that gives one message for each call of `next`, until the test says how it ends. */
class Steps {
  readonly #messages: ((more: boolean) => void)[] = [];
  #error: BerthError | undefined;
  isOver = false;

  readonly watchDemand = async (_request: unknown, call: CallContext, out: DemandStream): Promise<void> => {
    call.onOver(() => {
      this.isOver = true;
      this.end();
    });
    for (let revision = 1; await this.#more(); revision += 1) await out.write(demand(revision));
    if (this.#error !== undefined) throw this.#error;
  };

  /** Waits until the method waits for its next message. */
  async next(): Promise<void> {
    (await until(() => this.#messages.shift(), { what: 'the method to wait' }))(true);
  }

  end(error?: BerthError): void {
    this.#error = error;
    for (const more of this.#messages) more(false);
  }

  /** Whether the method waits for its next message. */
  get waits(): boolean {
    return this.#messages.length > 0;
  }

  /** Ends the stream once the method waits. */
  async finish(error?: BerthError): Promise<void> {
    await until(() => this.waits, { what: 'the method to wait' });
    this.end(error);
  }

  #more(): Promise<boolean> {
    return new Promise((resolve) => this.#messages.push(resolve));
  }
}

test('each message is a line that leaves at once', async (t) => {
  const steps = new Steps();
  const { base } = await gatewayOf(t, { watchDemand: steps.watchDemand });
  const opening = open(base, { url: DEMAND });
  await steps.next();
  const response = await opening;
  t.is(response.statusCode, 200);
  t.is(response.headers['content-type'], 'application/x-ndjson');
  const lines = linesOf(response);
  // The second message is made only when the first line was read.
  t.deepEqual(JSON.parse((await lines.next()).value ?? ''), {
    result: { revision: '1', lacks: [], claimedBenches: [] },
  });
  await steps.next();
  t.deepEqual(JSON.parse((await lines.next()).value ?? ''), {
    result: { revision: '2', lacks: [], claimedBenches: [] },
  });
  await steps.finish();
  t.true((await lines.next()).done);
});

test('a stream that fails ends with a line that tells the error', async (t) => {
  const steps = new Steps();
  const { base } = await gatewayOf(t, { watchDemand: steps.watchDemand });
  const sent = send(base, { url: DEMAND });
  await steps.next();
  await steps.finish(new BerthError('REVISION_TRIMMED', 'that is too long ago'));
  const { status, text } = await sent;
  t.is(status, 200);
  const [first = '', last = '', ...rest] = text.split('\n');
  t.true(first.startsWith('{"result":'));
  t.deepEqual(JSON.parse(last), {
    error: {
      code: 11,
      message: 'that is too long ago',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'REVISION_TRIMMED', domain: 'berth.dev' },
      ],
    },
  });
  t.deepEqual(rest, ['']);
});

test('a stream that fails before its first message is an ordinary error', async (t) => {
  const watchDemand = (): Promise<void> => Promise.reject(new BerthError('NO_SUCH_LAB', 'there is no such lab'));
  const { base } = await gatewayOf(t, { watchDemand }, { routeClock: fakeClock() });
  for (const headers of [{}, EVENTS]) {
    const answer = await send(base, { url: DEMAND, headers });
    t.is(answer.status, 404);
    t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
    t.is((answer.json as { message: string }).message, 'there is no such lab');
  }
});

test('the same comes as events where they are asked for', async (t) => {
  const steps = new Steps();
  const { base } = await gatewayOf(t, { watchDemand: steps.watchDemand });
  const sent = send(base, { url: DEMAND, headers: EVENTS });
  await steps.next();
  await steps.next();
  await steps.finish();
  const { headers, text } = await sent;
  t.is(headers['content-type'], 'text/event-stream');
  t.is(
    text,
    [1, 2].map((n) => `data: {"result":{"revision":"${String(n)}","lacks":[],"claimedBenches":[]}}\n\n`).join('') +
      'event: end\ndata: {}\n\n',
  );
});

test('a client that waits long for the first message sees that the stream has begun', async (t) => {
  const clock = fakeClock();
  const steps = new Steps();
  const { base } = await gatewayOf(t, { watchDemand: steps.watchDemand }, { routeClock: clock });
  let head: IncomingMessage | undefined;
  const opening = open(base, { url: DEMAND }).then((response) => (head = response));
  // The request may still be on its way to the method.
  await until(() => (clock.advance(250), head), { what: 'the head' });
  await steps.finish(new BerthError('REVISION_TRIMMED', 'late'));
  const lines = [];
  for await (const line of linesOf(await opening)) lines.push(JSON.parse(line) as { error: { message: string } });
  t.is(lines.length, 1);
  t.is(lines[0]?.error.message, 'late');
});

test('a role sees that the client of a stream hung up', async (t) => {
  for (const messages of [0, 2]) {
    const steps = new Steps();
    const { base } = await gatewayOf(t, { watchDemand: steps.watchDemand });
    const sent = request(`${base}${DEMAND}`, { agent: false });
    sent.on('error', () => undefined).end();
    for (let i = 0; i < messages; i += 1) await steps.next();
    await until(() => steps.waits, { what: 'the method to wait' });
    sent.destroy();
    t.true(await until(() => steps.isOver, { what: 'the role to see it' }));
  }
});

/** A client that sends lines one by one. */
async function talk(
  base: string,
): Promise<{ readonly sent: ClientRequest; readonly response: Promise<IncomingMessage> }> {
  const { hostname, port } = new URL(base);
  const sent = request({ host: hostname, port, method: 'POST', path: '/v1/leases:keepAlive', agent: false });
  sent.flushHeaders();
  await once(sent, 'socket');
  const response = once(sent, 'response').then(([head]) => head as IncomingMessage);
  return { sent, response };
}

async function echo(
  requests: AsyncIterable<KeepAliveRequest>,
  _call: CallContext,
  out: ResponseStream<KeepAliveResponse>,
): Promise<void> {
  for await (const { leaseId } of requests) await out.write(KeepAlive.fromPartial({ leaseId }));
}

test('a request stream is read line by line, and answered while it goes on', async (t) => {
  const { base } = await gatewayOf(t, { keepAlive: echo });
  const { sent, response } = await talk(base);
  sent.write('{"lease_id": "a"}\n');
  const lines = linesOf(await response);
  const next = async (): Promise<unknown> => {
    const { value } = await lines.next();
    return (JSON.parse(value ?? 'null') as { result: { leaseId: string } }).result.leaseId;
  };
  t.is(await next(), 'a');
  // In parts, several at once, with blank lines between; the last without a line break.
  sent.write('{"lease');
  sent.write('Id": "b"}\n\n  \r\n{"leaseId": "c"}\r\n{"leaseId": "\u00e4');
  t.is(await next(), 'b');
  t.is(await next(), 'c');
  sent.end('\u{1f600}"}');
  t.is(await next(), '\u00e4\u{1f600}');
  t.true((await lines.next()).done);
});

test('a line that is no request ends the stream with an error that names the line', async (t) => {
  for (const [line, message] of [
    ['{"lease_id" "b"}', /line 3 of the body is not JSON at line 1, column 13/],
    ['{"leaseI": "b"}', /did you mean 'lease_id'/],
    ['[]', /must be an object/],
  ] as const) {
    let isOver = false;
    const keepAlive = async (...[requests, call, out]: Parameters<typeof echo>): Promise<void> => {
      call.onOver(() => (isOver = true));
      await echo(requests, call, out);
    };
    const { base } = await gatewayOf(t, { keepAlive });
    const { sent, response } = await talk(base);
    sent.on('error', () => undefined);
    sent.write(`{"lease_id": "a"}\n\n`);
    const lines = linesOf(await response);
    t.true((await lines.next()).value?.startsWith('{"result"'));
    sent.write(`${line}\n`);
    const { error } = JSON.parse((await lines.next()).value ?? '{}') as { error?: { code: number; message: string } };
    t.is(error?.code, 3);
    t.regex(error?.message ?? '', message);
    t.true((await lines.next()).done);
    t.true(await until(() => isOver, { what: 'the role to see it' }));
    sent.destroy();
  }
});

test('a request stream that a client hangs up is over for the role', async (t) => {
  let isOver = false;
  const keepAlive = async (...[requests, call, out]: Parameters<typeof echo>): Promise<void> => {
    call.onOver(() => (isOver = true));
    await echo(requests, call, out);
  };
  const { base } = await gatewayOf(t, { keepAlive });
  const { sent, response } = await talk(base);
  sent.on('error', () => undefined);
  sent.write('{"lease_id": "a"}\n');
  const head = await response;
  head.on('error', () => undefined);
  sent.destroy();
  t.true(await until(() => isOver, { what: 'the role to see it' }));
});

test('a reader that does not read stops the role, and little is kept for it', async (t) => {
  let written = 0;
  const large = demandOf(64 << 10);
  const watchDemand = async (_request: unknown, _call: CallContext, out: DemandStream): Promise<void> => {
    const message = out.encode(large);
    while (await out.write(message)) written += 1;
  };
  const raws: { readonly writableLength: number }[] = [];
  const { base, http } = await gatewayOf(t, { watchDemand }, { shutdownGraceMs: 100 });
  http.app.server.on('request', (_request, response: { readonly writableLength: number }) => raws.push(response));
  const response = await open(base, { url: DEMAND });
  response.pause();
  let before = -1;
  let still = 0;
  await until(
    () => {
      still = written > 0 && written === before ? still + 1 : 0;
      before = written;
      return still >= 100;
    },
    { what: 'the role to stop' },
  );
  const [raw] = raws;
  t.true((raw?.writableLength ?? Infinity) <= 1 << 20, `${String(raw?.writableLength)} bytes are kept`);
  response.destroy();
});

/** A message of about so many bytes. */
function demandOf(bytes: number): WatchDemandResponse {
  return WatchDemandResponse.fromPartial({ revision: 1, claimedBenches: ['x'.repeat(bytes)] });
}

test('a server that stops ends its streams, and says so', async (t) => {
  const steps = new Steps();
  const { base, http } = await gatewayOf(t, { watchDemand: steps.watchDemand });
  const opening = open(base, { url: DEMAND });
  await steps.next();
  const lines = linesOf(await opening);
  await lines.next();
  const stopped = http.stop();
  const { error } = JSON.parse((await lines.next()).value ?? '{}') as {
    error?: { code: number; details: { reason?: string }[] };
  };
  t.is(error?.code, 14);
  t.is(error?.details[0]?.reason, 'SHUTTING_DOWN');
  t.true((await lines.next()).done);
  await stopped;
});
