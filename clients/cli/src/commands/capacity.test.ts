import { startBerthd } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth } from '../berth-process.fixture.js';

/** What is left of ten servers on each day of the example, and then on each day of the rest of the month. */
const LEFT = [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9, ...Array.from({ length: 16 }, () => 10)];

async function start(t: ExecutionContext) {
  const berthd = await startBerthd({ settings: { roles: ['booking'] } });
  t.teardown(() => berthd.stop());
  const { address } = berthd;
  const run = (...args: string[]) => berth(t, { address }, ...args);
  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  return { run, ok };
}

/** The second column of comma-separated values. */
function columnOf(csv: string): readonly number[] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]));
}

test('ten servers in January and six bookings of one: what is left by day and by hour', async (t) => {
  const { ok } = await start(t);
  await ok('grant', 'create', '--servers', '10', '--from', '2020-01-01', '--until', '2020-02-01');
  for (let day = 1; day <= 6; day++) {
    const [from, until] = [day, day + 10].map((one) => `2020-01-${String(one).padStart(2, '0')}`) as [string, string];
    await ok('book', 'create', '-q', '--servers', '1', '--from', from, '--until', until);
  }
  const of = ['capacity', '--from', '2020-01-01', '--until', '2020-02-01', '-o', 'csv'];
  const byDay = await ok(...of, '--grain', 'day');
  t.is(byDay.split('\n')[0], 'start,servers');
  t.is(byDay.split('\n')[1], '2020-01-01,9');
  t.deepEqual(columnOf(byDay), LEFT);
  const byHour = columnOf(await ok(...of, '--grain', 'hourly'));
  t.deepEqual(
    byHour,
    LEFT.flatMap((left) => Array.from({ length: 24 }, () => left)),
  );
  const after = await ok('capacity', '--from', '2020-02-02', '--for', '7d', '--amounts', 'servers', '-o', 'csv');
  t.deepEqual(columnOf(after), [0, 0, 0, 0, 0, 0, 0]);
  t.regex(
    await ok('capacity', '--from', '2020-01-01', '--for', '2d'),
    /^START +SERVERS WORST\/GRANTED\n2020-01-01 +9\/10\n/,
  );
  const map = await ok('capacity', '--from', '2020-01-01', '--for', '7d', '--map');
  t.regex(
    map,
    /^servers: worst, UTC\n +Mo Tu We Th Fr Sa Su\n2019-12-30 +9 {2}8 {2}7 {2}6 {2}5\n2020-01-06 {2}4 {2}4\n$/,
  );
  const [first] = JSON.parse(await ok('capacity', '--from', '2020-01-01', '--for', '1d', '-o', 'json')) as unknown[];
  t.like(first, {
    start: '2020-01-01T00:00:00.000Z',
    amounts: { servers: { granted: 10, booked: 1, worst: 9, best: 9 } },
  });
});

test('a booking from its creation to its end, by the words of the command line', async (t) => {
  const { ok, run } = await start(t);
  await ok('grant', 'create', '--cores', '10', '--amount', 'gpus=2', '--from', 'now');
  await ok('template', 'create', 'small', '--cores', '1');
  const id = (
    await ok('book', 'create', '-q', '--cores', '8', '--from', '+1d', '--for', '2h', '--desc', 'load')
  ).trim();
  t.regex(id, /^bk-/);
  t.regex(await ok('book', 'show', id), /state +booked\n(.*\n)*for +load\n/);
  const full = await run('book', 'create', '--cores', '3', '--from', '+1d', '--for', '1h');
  t.is(full.code, 75);
  t.regex(full.stderr, new RegExp(`NO_CAPACITY[^]*book find`));
  const json = await run('book', 'create', '--cores', '3', '--from', '+1d', '--for', '1h', '-o', 'json');
  t.like(JSON.parse(json.stderr), { error: { reason: 'NO_CAPACITY', metadata: { amount: 'cores', blockers: id } } });
  const waiting = (
    await ok('book', 'create', '-q', '--cores', '3', '--from', '+1d', '--for', '1h', '--provisional')
  ).trim();
  t.regex(await ok('book', 'conflicts'), new RegExp(`^${waiting} +provisional `, 'm'));
  t.regex(await ok('book', 'extend', id, '--by', '1h'), /is booked/);
  await ok('book', 'cancel', id);
  t.regex(await ok('book', 'show', waiting), /state +booked/);
  const hold = (
    await ok('book', 'hold', '-q', '--template', 'small', '--count', '2', '--from', '+2d', '--for', '1d')
  ).trim();
  t.regex(await ok('book', 'confirm', hold), /is booked/);
  t.is(await ok('book', 'ls', '-q', '--mine'), `${waiting}\n${hold}\n`);
  t.is((await run('book', 'checkin', hold)).code, 1);
  t.regex(await ok('book', 'find', '--cores', '10', '--for', '1h'), /^WHEN +LATEST START\n/);
  const series = await ok(
    'book',
    'create',
    '-q',
    '--cores',
    '1',
    '--from',
    '2031-03-03T09:00',
    '--for',
    '8h',
    '--zone',
    'Europe/London',
    '--rrule',
    'FREQ=WEEKLY;COUNT=5',
  );
  t.is(series.trim().split('\n').length, 5);
});

test('clusters, grants and templates, by the words of the command line', async (t) => {
  const { ok, run } = await start(t);
  const grant = (
    await ok('grant', 'create', '-q', '--cores', '100', '--from', '2031-01-01', '--until', '2031-12-31')
  ).trim();
  t.is(await ok('template', 'create', 'worker', '--cores', '8'), 'worker@1 is made\n');
  t.is(await ok('template', 'create', 'worker', '--cores', '9'), 'worker@2 is made\n');
  t.is(await ok('template', 'ls', '-q'), 'worker@2\n');
  t.is(await ok('template', 'ls', 'worker', '-q'), 'worker@1\nworker@2\n');
  const parts = ['--part', 'master=worker@1:1', '--part', 'worker=worker@1:4', '--limit', 'cores=60'];
  await ok('cluster', 'create', 'default/k8s', ...parts, '--from', '2031-06-01', '--for', '30d');
  t.regex(
    await ok('cluster', 'show', 'default/k8s'),
    /size +40 cores\nparts +master: 1 × worker@1, worker: 4 × worker@1\nlimit +60 cores/,
  );
  await ok('cluster', 'resize', 'default/k8s', '--cores', '60', '--from', '2031-06-10');
  const beyond = await run('cluster', 'resize', 'default/k8s', '--cores', '61', '--from', '2031-06-10');
  t.is(beyond.code, 75);
  t.regex(beyond.stderr, /CLUSTER_LIMIT/);
  t.regex(await ok('cluster', 'sizes', 'default/k8s'), /40 cores[^]*60 cores/);
  await ok('cluster', 'update', 'default/k8s', '--limit', 'cores=61', '--desc', 'ours');
  t.regex(await ok('cluster', 'ls', '--in', 'default'), /^default\/k8s +open .* 61 cores .*ours$/m);
  t.is((await run('grant', 'delete', grant)).code, 75);
  await ok('cluster', 'delete', 'default/k8s');
  await ok('grant', 'update', grant, '--cores', '50');
  t.regex(await ok('grant', 'show', grant), /how much +50 cores/);
  await ok('grant', 'delete', grant);
  t.is((await run('grant', 'ls')).stdout, '');
});

test('wrong input is noticed before the server is asked', async (t) => {
  const run = (...args: string[]) => berth(t, { address: '127.0.0.1:1' }, ...args);
  const when = ['--from', '2031-06-08', '--for', '1d'];
  for (const [args, told] of [
    [['book', 'create', ...when], /what to book/],
    [['book', 'create', '--cores', '1'], /from when/],
    [['book', 'create', '--cores', '1', '--from', '2031-06-08'], /until when/],
    [['book', 'create', '--cores', '1.5', ...when], /no whole number/],
    [['book', 'create', '--cores', '-1', ...when], /below 0/],
    [['book', 'create', '--share', '0', ...when], /at least 0.01 %/],
    [['book', 'create', '--share', '101%', ...when], /more than the whole/],
    [['book', 'create', '--share', '0.001%', ...when], /finer than 0.01 %/],
    [['book', 'create', '--share', '20%', '--cores', '1', ...when], /cannot be booked in one/],
    [['book', 'create', '--cores', '1', '--from', 'soon', '--for', '1d'], /no point in time/],
    [['book', 'create', '--cores', '1', '--from', '2031-06-08', '--for', '1h'], /days or weeks/],
    [['book', 'extend', 'bk-1', '--until', '2031-06-08', '--by', '1h'], /cannot be used with/],
    [['capacity', '--grain', 'fortnight'], /none of minute, hour/],
    [['capacity', '--figure', 'most'], /Allowed choices/],
    [['cluster', 'create', 'default/k', '--part', 'worker'], /role=template:count/],
    [['book', 'ls', '-o', 'csv'], /only `berth capacity` writes csv/],
    [['template', 'hide', 'a b'], /no template/],
  ] as const) {
    const { code, stdout, stderr } = await run(...args);
    t.deepEqual([code, stdout], [64, ''], `berth ${args.join(' ')}: ${stderr}`);
    t.regex(stderr, told, args.join(' '));
  }
});
