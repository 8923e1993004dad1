import type { Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import test from 'ava';
import { callEcho } from '../calls/echo-client.fixture.js';
import { serveEcho, word } from '../calls/echo-service.fixture.js';
import { createLog } from '../process/log.js';
import { CallTraces } from './call-traces.js';
import { currentTrace, readTrace, traceHeaders } from './trace-context.js';

const ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${ID}-b7ad6b7169203331-01`;

test('a traceparent is read as W3C writes it, and what is none is nothing', (t) => {
  t.deepEqual(readTrace(PARENT, 'a=1'), { traceId: ID, traceparent: PARENT, tracestate: 'a=1' });
  t.is(readTrace(`01-${ID}-b7ad6b7169203331-01-more`, undefined)?.traceId, ID, 'of a later version');
  for (const wrong of [
    undefined,
    '',
    ID,
    PARENT.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${ID}-${'0'.repeat(16)}-01`,
    `ff-${ID}-b7ad6b7169203331-01`,
    `00-${ID}-b7ad6b7169203331`,
  ]) {
    t.is(readTrace(wrong, undefined), undefined, String(wrong));
  }
  t.is(readTrace(PARENT, 'x'.repeat(600))?.tracestate, undefined);
});

test('a call with a trace is served in it, also after it waited, and its log lines have it; one without has none', async (t) => {
  const written: string[] = [];
  const log = createLog({ level: 'info', format: 'json' }, { write: (line) => written.push(line) });
  const { client } = await serveEcho(t, {
    echo: async (request) => {
      await new Promise((resolve) => setImmediate(resolve));
      log.info({ what: request.reason }, 'line');
      return word(JSON.stringify(traceHeaders()));
    },
  });
  const traced = await callEcho(client, word('traced'), { metadata: { traceparent: PARENT, tracestate: 'a=1' } });
  t.deepEqual(JSON.parse(traced.reason), { traceparent: PARENT, tracestate: 'a=1' });
  t.is((await callEcho(client, word('plain'))).reason, '{}');
  const [first = '', second = ''] = written;
  t.like(JSON.parse(first), { what: 'traced', traceId: ID });
  t.false(second.includes('traceId'));
  t.is(currentTrace(), undefined);
});

test('two calls at once have each its own trace', async (t) => {
  let release = (): void => undefined;
  const both = new Promise<void>((resolve) => (release = resolve));
  let waiting = 0;
  const { client } = await serveEcho(t, {
    echo: async () => {
      waiting += 1;
      if (waiting === 2) release();
      await both;
      return word(currentTrace()?.traceId ?? 'none');
    },
  });
  const other = ID.replace('0a', '1b');
  const ids = [ID, other].map((id) =>
    callEcho(client, word(''), { metadata: { traceparent: PARENT.replace(ID, id) } }),
  );
  t.deepEqual(
    (await Promise.all(ids)).map(({ reason }) => reason),
    [ID, other],
  );
});

test('with an SDK each call is a span, which is the parent of what it calls', (t) => {
  const told: object[] = [];
  const span = {
    spanContext: () => ({ traceId: ID, spanId: 'c'.repeat(16), traceFlags: 1 }),
    setStatus: (status: object) => told.push(status),
    end: () => told.push({ ended: true }),
  } as unknown as Span;
  const tracer: Partial<Tracer> = {
    startSpan: (name, options, parent) => {
      told.push({ name, kind: options?.kind, parent: trace.getSpan(parent!) });
      return span;
    },
  };
  const provider: TracerProvider = { getTracer: () => tracer as Tracer };
  const call = new CallTraces('1.0', provider).begin({ method: '/berth.test.v1.Echo/Echo' }, { text: () => undefined });
  t.is(call?.traceId, ID);
  t.deepEqual(
    call?.run(() => traceHeaders()),
    { traceparent: `00-${ID}-${'c'.repeat(16)}-01` },
  );
  call?.end('NO_CAPACITY');
  t.deepEqual(told, [
    { name: 'berth.test.v1.Echo/Echo', kind: SpanKind.SERVER, parent: trace.getSpan(ROOT_CONTEXT) },
    { code: 2, message: 'NO_CAPACITY' },
    { ended: true },
  ]);
});

test('without an SDK nothing is traced that came without a trace', (t) => {
  t.is(new CallTraces('1.0').begin({ method: 'x' }, { text: () => undefined }), undefined);
});
