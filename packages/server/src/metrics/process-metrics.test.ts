import { execFile } from 'node:child_process';
import { findProgram, requireServer } from '@berth/testkit';
import test from 'ava';
import { ProcessMetrics } from './process-metrics.js';

/** The lines of the metrics whose names begin so. */
async function lines(metrics: ProcessMetrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
}

/** One of each shape. */
function everyShape(): ProcessMetrics {
  const metrics = new ProcessMetrics();
  metrics.counter('x_cats_total', 'Cats.').add(3);
  metrics.counters('x_dogs_total', 'Dogs.', { name: 'size', values: ['small', 'large'] }).small.add();
  const wait = metrics.histogram('x_wait_seconds', 'Waits.', [0.1, 1]);
  for (const seconds of [0.1, 0.5, 7]) wait.observe(seconds);
  metrics.histograms('x_run_seconds', 'Runs.', [1], { name: 'way', values: ['up'] }).up.observe(2);
  metrics.gauge('x_heat_celsius', 'Heat.', () => 21.5);
  metrics.gauge('x_unknown_celsius', 'Not known.', () => undefined);
  metrics.gauges('x_birds', 'Birds "in\\the" air.', { name: 'kind', values: ['tit', 'owl'] }, () => ({ owl: 2 }));
  return metrics;
}

test('each shape is told as Prometheus reads it, with zeros for what has not come yet', async (t) => {
  const metrics = everyShape();
  t.deepEqual(await lines(metrics, 'x_'), [
    'x_cats_total 3',
    'x_dogs_total{size="small"} 1',
    'x_dogs_total{size="large"} 0',
    'x_wait_seconds_bucket{le="0.1"} 1',
    'x_wait_seconds_bucket{le="1"} 2',
    'x_wait_seconds_bucket{le="+Inf"} 3',
    'x_wait_seconds_sum 7.6',
    'x_wait_seconds_count 3',
    'x_run_seconds_bucket{way="up",le="1"} 0',
    'x_run_seconds_bucket{way="up",le="+Inf"} 1',
    'x_run_seconds_sum{way="up"} 2',
    'x_run_seconds_count{way="up"} 1',
    'x_heat_celsius 21.5',
    'x_birds{kind="tit"} 0',
    'x_birds{kind="owl"} 2',
  ]);
  t.deepEqual(await lines(metrics, '# TYPE x_wait'), ['# TYPE x_wait_seconds histogram']);
  t.deepEqual(await lines(metrics, '# TYPE x_unknown'), ['# TYPE x_unknown_celsius gauge']);
  t.deepEqual(await lines(metrics, '# HELP x_birds'), ['# HELP x_birds Birds "in\\\\the" air.']);
});

test('a name is taken once', (t) => {
  const metrics = everyShape();
  t.throws(() => metrics.counter('x_cats_total', 'Other cats.'), { message: /x_cats_total.*already/ });
});

if (requireServer(test, 'promtool')) {
  test('promtool has nothing against any of it, nor against what is told of the process itself', async (t) => {
    const metrics = everyShape();
    const checked = await new Promise<string>((resolve) => {
      const child = execFile(findProgram('promtool') ?? '', ['check', 'metrics'], (error, stdout, stderr) => {
        resolve(`${error === null ? 'ok' : String(error.code)} ${stdout}${stderr}`);
      });
      void metrics.text().then((text) => child.stdin?.end(text));
    });
    t.is(checked, 'ok ');
    t.true((await lines(metrics, 'process_cpu_seconds_total')).length > 0);
    t.true((await lines(metrics, 'nodejs_eventloop_lag_p99_seconds')).length > 0);
  });
}
