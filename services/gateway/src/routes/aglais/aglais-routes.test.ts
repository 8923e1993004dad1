import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { madeOf, makeCluster, makeTemplate, rowsOf } from './aglais-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

/** What is left of ten servers, day by day. */
const LEFT = [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9, ...Array.from({ length: 16 }, () => 10), 0, 0];

test('six bookings of one of ten servers leave what the example says', async (t) => {
  const granted = await lab.ask('POST', '/resources/create', {
    body: 'servers=10&startdate=2020-01-01&enddate=2020-02-01',
  });
  t.is(granted.status, 201);
  t.like(granted.body, {
    clusterid: 'default',
    servers: 10,
    memory: 0,
    cores: 0,
    startdate: '2020-01-01T00:00:00.000Z',
    enddate: '2020-02-02T00:00:00.000Z',
  });
  for (const day of [1, 2, 3, 4, 5, 6]) {
    const body = {
      servers: 1,
      startdate: `2020-01-0${String(day)}`,
      enddate: `2020-01-${String(day + 10).padStart(2, '0')}`,
    };
    const booked = await lab.ask('POST', '/bookings/create', { body });
    t.is(booked.status, 201, booked.text);
    t.like(booked.body, { clusterid: 'default', provisional: false, servers: 1, memory: 0, cores: 0 });
    t.regex(madeOf(booked).id, /^bk-/);
  }
  const range = 'range=2020-01-01,2020-02-03';
  const left = rowsOf(await lab.ask('GET', `/available/select?${range}&grain=daily`));
  t.deepEqual(
    left.map(({ servers }) => servers),
    LEFT,
  );
  t.deepEqual(left[0], { date: '2020-01-01', servers: 9, memory: 0, cores: 0 });
  const booked = rowsOf(await lab.ask('GET', `/bookings/select?${range}&grain=day`));
  t.deepEqual(
    booked.map(({ servers }) => servers),
    LEFT.map((each, i) => (i < 32 ? 10 : 0) - each),
  );
  const resources = rowsOf(await lab.ask('GET', `/resources/select?${range}`));
  t.deepEqual(
    resources.map(({ servers }) => servers),
    LEFT.map((_, i) => (i < 32 ? 10 : 0)),
  );
  t.is(rowsOf(await lab.ask('GET', '/available/select?range=2020-06-08,2020-06-14&grain=day')).length, 7);
  const monthly = rowsOf(await lab.ask('GET', '/available/select?range=2020-01-01,2020-01-31&grain=month'));
  t.deepEqual(monthly, [{ date: '2020-01-01', servers: 4, memory: 0, cores: 0 }]);
});

test('rows are CSV for those who ask for it', async (t) => {
  const clusterid = await makeCluster(lab, 'csv', { cores: 8, memory: 32 });
  const path = `/available/select?range=2031-06-08,2031-06-09&clusterid=${clusterid}`;
  const told = await lab.ask('GET', path, { headers: { accept: 'text/csv' } });
  t.is(told.text, 'date,servers,memory,cores\n2031-06-08,0,32,8\n2031-06-09,0,32,8\n');
  t.regex(told.headers.get('content-type') ?? '', /^text\/csv; charset=utf-8/);
  t.regex((await lab.ask('GET', path)).headers.get('content-type') ?? '', /^application\/json/);
  const hours = '/available/select?range=2031-06-08T09:00Z,2031-06-08T11:00Z&grain=hourly&clusterid=csv';
  t.deepEqual(
    rowsOf(await lab.ask('GET', hours)).map(({ date }) => date),
    ['2031-06-08T09:00Z', '2031-06-08T10:00Z'],
  );
});

test('what does not fit is refused with the first interval that has too little', async (t) => {
  const clusterid = await makeCluster(lab, 'full', { cores: 10 });
  const first = { clusterid, cores: 8, startdate: '2031-06-08', enddate: '2031-06-14' };
  const { id } = madeOf(await lab.ask('POST', '/bookings/create', { body: first }));
  const second = { clusterid, cores: 5, startdate: '2031-06-05', enddate: '2031-06-20' };
  const refused = await lab.ask('POST', '/bookings/create', { body: second });
  t.is(refused.status, 409);
  t.like(refused.body, {
    interval: { from: '2031-06-08T00:00:00.000Z', until: '2031-06-15T00:00:00.000Z' },
    clusterid,
    amount: 'cores',
    shortfall: 3,
  });
  t.regex(refused.text, /NO_CAPACITY/);
  t.true(refused.text.includes(id));
  const rows = rowsOf(await lab.ask('GET', `/bookings/select?clusterid=${clusterid}&range=2031-06-05,2031-06-20`));
  t.is(Math.max(...rows.map(({ cores }) => Number(cores))), 8);

  const waiting = await lab.ask('POST', '/bookings/create?provisional=1', { body: second });
  t.is(waiting.status, 201);
  t.like(waiting.body, { state: 'PROVISIONAL', provisional: true });
  t.regex(String(madeOf(waiting)['reason']), /3 cores too little/);
  const left = rowsOf(await lab.ask('GET', `/available/select?clusterid=${clusterid}&range=2031-06-08,2031-06-08`));
  t.is(left[0]?.['cores'], 2);
});

test('bookings are of amounts, templates and shares', async (t) => {
  const clusterid = await makeCluster(lab, 'sorts', { cores: 100, memory: 400, disc: 50 });
  await makeTemplate(lab, 'sorts-small', { cores: 2, memory: 8 });
  const dates = { clusterid, startdate: '2031-06-08', enddate: '2031-06-14' };
  const book = (body: object) => lab.ask('POST', '/bookings/create', { body: { ...dates, ...body } });
  t.like((await book({ cores: 8, disc: 5 })).body, { servers: 0, memory: 0, cores: 8, disc: 5 });
  t.like((await book({ template: 'sorts-small', count: 3 })).body, {
    cores: 6,
    memory: 24,
    template: 'sorts-small@1',
    count: 3,
  });
  t.like((await book({ share: '20%' })).body, { cores: 20, memory: 80, share: '20%' });
  t.like((await book({ share: '0.05', description: 'a little' })).body, { cores: 5, share: '5%' });
  const form = 'clusterid=sorts&startdate=2031-06-08&enddate=2031-06-14&share=1%';
  t.like((await lab.ask('POST', '/bookings/create', { body: form })).body, { cores: 1, share: '1%' });
  t.like((await lab.ask('POST', `/bookings/create?${form}`)).body, { cores: 1, share: '1%' });
});

test('a share with a size and without a cluster is of a cluster of its own', async (t) => {
  await lab.ask('POST', '/novaquota/create', { body: { cores: 40, startdate: '2032-01-01', enddate: '2032-12-31' } });
  const body = { share: '50%', cores: 10, startdate: '2032-06-08', enddate: '2032-06-14' };
  const told = await lab.ask('POST', '/bookings/create', { body });
  t.is(told.status, 201, told.text);
  t.like(told.body, { cores: 5, share: '50%' });
  t.regex(madeOf(told).clusterid, /^default\/bk-/);
  const left = rowsOf(await lab.ask('GET', '/novaquota/available?range=2032-06-08,2032-06-08'));
  t.is(left[0]?.['cores'], 30);
});

test('a request id makes creations repeatable', async (t) => {
  const clusterid = await makeCluster(lab, 'twice', { cores: 10, servers: 10 });
  await makeTemplate(lab, 'twice-small', { servers: 1 });
  const dates = { clusterid, startdate: '2031-06-08', enddate: '2031-06-14' };
  for (const [path, body] of [
    ['/bookings/create', { ...dates, cores: 3 }],
    ['/resources/create', { ...dates, cores: 3 }],
    ['/clusters/create', { ...dates, servers: 1 }],
    ['/magcluster/create', { ...dates, masterflavor: 'twice-small', workerflavor: 'twice-small' }],
  ] as const) {
    const sent = { body: { ...body, request_id: `id-${path}` } };
    const [first, second] = [await lab.ask('POST', path, sent), await lab.ask('POST', path, sent)];
    t.is(first.status, 201, first.text);
    t.is(second.status, 201, second.text);
    t.is(madeOf(second).id, madeOf(first).id, path);
    const other = await lab.ask('POST', path, { body: { ...sent.body, enddate: '2031-06-15' } });
    t.is(other.status, 400, other.text);
    t.regex(other.text, /REQUEST_ID_REUSED/);
  }
});
