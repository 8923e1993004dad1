import { BerthError } from '@berth/kernel';
import { until } from '@berth/testkit';
import test from 'ava';
import { callEcho, failure, openCount, readAll } from '../calls/echo-client.fixture.js';
import { serveEcho, word } from '../calls/echo-service.fixture.js';
import { CallMetrics } from './call-metrics.js';
import { ProcessMetrics } from './process-metrics.js';

/** The values of one metric by their labels. */
async function valuesOf(metrics: ProcessMetrics, name: string): Promise<Record<string, number>> {
  const rows = (await metrics.text()).matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'));
  return Object.fromEntries([...rows].map(([, labels = '', value]) => [labels, Number(value)]));
}

test('each call is counted once, by what it ended with, also when its caller went or was refused', async (t) => {
  const metrics = new ProcessMetrics();
  const { client, server } = await serveEcho(
    t,
    {
      echo: (request, call) => {
        if (request.reason === 'fail') throw new BerthError('BENCH_BUSY', 'busy');
        if (request.reason === 'break') throw new Error('broken');
        if (request.reason === 'wait') {
          return new Promise((resolve) => {
            call.onOver(() => {
              resolve(request);
            });
          });
        }
        return Promise.resolve(request);
      },
      count: async ({ seconds }, call, out) => {
        await out.write(word('first'));
        if (seconds === 1) return;
        await new Promise<void>((resolve) => {
          call.onOver(resolve);
        });
      },
    },
    { metrics: new CallMetrics(metrics), access: { echo: 'user', count: 'viewer', sum: 'viewer', chat: 'viewer' } },
  );
  for (let i = 0; i < 3; i++) await callEcho(client, word('ok'));
  await failure(callEcho(client, word('fail')));
  await failure(callEcho(client, word('break')));
  await failure(callEcho(client, word('wait'), { deadline: Date.now() + 100 }));
  await failure(callEcho(client, word('ok'), { metadata: { 'berth-role': 'viewer' } }));
  await readAll(openCount(client, { seconds: 1, nanos: 0 }));
  const stream = openCount(client, { seconds: 2, nanos: 0 });
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('data', resolve));
  const streams = (): Promise<Record<string, number>> => valuesOf(metrics, 'berth_open_streams');
  t.is((await streams())['method="berth.test.v1.Echo/Count"'], 1);
  stream.cancel();
  await until(() => server.openCalls === 0, { what: 'the calls to end' });
  t.is((await streams())['method="berth.test.v1.Echo/Count"'], 0);
  const calls = await valuesOf(metrics, 'berth_calls_total');
  // Open is which comes first, the deadline here or the caller's hanging up at its own.
  const late = ['DEADLINE_EXCEEDED', 'CANCELLED'].map((code) => `method="berth.test.v1.Echo/Echo",code="${code}"`);
  t.deepEqual(
    late.flatMap((key) => calls[key] ?? []),
    [1],
  );
  const others = Object.entries(calls).filter(([key]) => !late.includes(key));
  t.deepEqual(Object.fromEntries(others), {
    'method="berth.test.v1.Echo/Echo",code="OK"': 3,
    'method="berth.test.v1.Echo/Echo",code="RESOURCE_EXHAUSTED"': 1,
    'method="berth.test.v1.Echo/Echo",code="INTERNAL"': 1,
    'method="berth.test.v1.Echo/Echo",code="PERMISSION_DENIED"': 1,
    'method="berth.test.v1.Echo/Count",code="OK"': 1,
    'method="berth.test.v1.Echo/Count",code="CANCELLED"': 1,
  });
  const seconds = await valuesOf(metrics, 'berth_call_duration_seconds_count');
  t.deepEqual(seconds, { 'method="berth.test.v1.Echo/Echo"': 6 }, 'what was refused was not served');
  const sum = (await valuesOf(metrics, 'berth_call_duration_seconds_sum'))['method="berth.test.v1.Echo/Echo"'] ?? 0;
  t.true(sum >= 0.09, String(sum));
});
