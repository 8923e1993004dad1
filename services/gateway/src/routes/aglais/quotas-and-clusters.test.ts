import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { madeOf, makeCluster, makeTemplate, rowsOf } from './aglais-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('a quota is granted, read, and taken away unless it is needed', async (t) => {
  const made = await lab.ask('POST', '/novaquota/create', {
    body: 'startdate=2033-01-01&enddate=2033-12-31&servers=5&memory=64&cores=20&userdisc=9&provisional=1',
  });
  t.is(made.status, 201);
  t.like(made.body, { clusterid: 'default', servers: 5, memory: 64, cores: 20, userdisc: 9, provisional: false });
  const { id } = madeOf(made);
  t.like((await lab.ask('GET', `/novaquota/${id}`)).body, { id, servers: 5 });
  const range = 'range=2033-06-08,2033-06-09&grain=daily';
  t.deepEqual(rowsOf(await lab.ask('GET', `/novaquota/allocated?${range}`)), [
    { date: '2033-06-08', servers: 5, memory: 64, cores: 20 },
    { date: '2033-06-09', servers: 5, memory: 64, cores: 20 },
  ]);
  const booking = { startdate: '2033-06-09', enddate: '2033-06-10', cores: 15 };
  t.is((await lab.ask('POST', '/bookings/create', { body: booking })).status, 201);
  const csv = await lab.ask('GET', `/novaquota/available?${range}`, { headers: { accept: 'text/csv' } });
  t.is(csv.text, 'date,servers,memory,cores\n2033-06-08,5,64,20\n2033-06-09,5,64,5\n');
  t.is(rowsOf(await lab.ask('GET', '/novaquota/allocated')).length, 28);
  const needed = await lab.ask('DELETE', `/novaquota/${id}`);
  t.is(needed.status, 409);
  t.like(needed.body, { amount: 'cores', interval: { from: '2033-06-09T00:00:00.000Z' } });
  t.is((await lab.ask('GET', `/novaquota/${id}`)).status, 200);
  const gone = await lab.ask('DELETE', `/novaquota/${id}?force=1`);
  t.is(gone.status, 200);
  t.truthy(madeOf(gone)['deleted']);
  t.deepEqual(rowsOf(await lab.ask('GET', `/novaquota/allocated?${range}`))[0], {
    date: '2033-06-08',
    servers: 0,
    memory: 0,
    cores: 0,
  });
});

test('a quota is a grant of default', async (t) => {
  const clusterid = await makeCluster(lab, 'elsewhere', { cores: 1 });
  const body = { clusterid, cores: 1, startdate: '2031-01-01' };
  const { id, enddate } = madeOf(await lab.ask('POST', '/resources/create', { body }));
  t.is(enddate, undefined);
  for (const method of ['GET', 'DELETE']) {
    const told = await lab.ask(method, `/novaquota/${id}`);
    t.is(told.status, 404, method);
    t.regex(told.text, /a grant of elsewhere/);
    const none = await lab.ask(method, '/novaquota/gr-none');
    t.is(none.status, 404, method);
    t.regex(none.text, /NO_SUCH_GRANT/);
  }
  t.is((await lab.ask('GET', `/v1/grants/${id}`)).status, 200);
});

test('a cluster is made inside of another one', async (t) => {
  const parent = await makeCluster(lab, 'parent', { cores: 20, servers: 20 });
  await makeTemplate(lab, 'parent-t', { servers: 1, cores: 2 });
  const dates = { clusterid: parent, startdate: '2031-06-01', enddate: '2031-06-30' };
  const named = await lab.ask('POST', '/clusters/create', {
    body: { ...dates, name: 'spark', cores: 8, kind: 'spark' },
  });
  t.is(named.status, 201, named.text);
  t.like(named.body, {
    id: 'parent/spark',
    clusterid: parent,
    cores: 8,
    kind: 'spark',
    state: 'OPEN',
    provisional: false,
  });
  const made = await lab.ask('POST', '/clusters/create', { body: { ...dates, template: 'parent-t', count: 2 } });
  t.like(made.body, { servers: 2, cores: 4 });
  t.regex(madeOf(made).id, /^parent\/cluster-/);
  const inside = { clusterid: 'parent/spark', startdate: '2031-06-08', enddate: '2031-06-09', cores: 8 };
  t.is((await lab.ask('POST', '/bookings/create', { body: inside })).status, 201);
  t.is((await lab.ask('POST', '/clusters/create', { body: { ...dates, cores: 9 } })).status, 409);
  const waits = await lab.ask('POST', '/clusters/create', { body: { ...dates, cores: 9, provisional: 1 } });
  t.like(waits.body, { state: 'PROVISIONAL', provisional: true });
  const again = await lab.ask('POST', '/clusters/create', { body: { ...dates, name: 'spark', cores: 1 } });
  t.is(again.status, 409);
  t.regex(again.text, /CLUSTER_EXISTS/);
});

test('a cluster of masters and workers tells what it is made of, and its sizes', async (t) => {
  const parent = await makeCluster(lab, 'magnum', { cores: 100, servers: 50, memory: 400 });
  await makeTemplate(lab, 'mag-small', { servers: 1, cores: 2, memory: 4 });
  await makeTemplate(lab, 'mag-large', { servers: 1, cores: 8, memory: 32 });
  const body = {
    clusterid: parent,
    name: 'k8s',
    startdate: '2031-06-01',
    enddate: '2031-06-30',
    masterflavor: 'mag-small',
    mastercount: 3,
    workerflavor: 'mag-large',
    workercount: 4,
  };
  const made = await lab.ask('POST', '/magcluster/create', { body });
  t.is(made.status, 201, made.text);
  const shown = {
    id: 'magnum/k8s',
    masterflavor: 'mag-small@1',
    mastercount: 3,
    workerflavor: 'mag-large@1',
    workercount: 4,
    servers: 7,
    memory: 140,
    cores: 38,
  };
  t.like(made.body, shown);
  for (const path of ['/magcluster/magnum/k8s', '/magcluster/magnum%2Fk8s'])
    t.like((await lab.ask('GET', path)).body, shown);

  const resize = { parts: [{ role: 'worker', template: 'mag-large', count: 2 }], start: { date: '2031-06-10' } };
  t.is((await lab.ask('POST', '/v1/clusters/magnum%2Fk8s:resize', { body: resize })).status, 200);
  const clusterid = 'magnum/k8s';
  t.deepEqual(rowsOf(await lab.ask('GET', `/magcluster/sizes?clusterid=${clusterid}`)), [
    { date: '2031-06-01', servers: 7, memory: 140, cores: 38, clusterid },
    { date: '2031-06-10', servers: 2, memory: 64, cores: 16, clusterid },
  ]);
  const range = 'range=2031-06-09,2031-06-10&grain=daily';
  t.deepEqual(rowsOf(await lab.ask('GET', `/magcluster/sizes?clusterid=${clusterid}&${range}`)), [
    { date: '2031-06-09', servers: 7, memory: 140, cores: 38, clusterid },
    { date: '2031-06-10', servers: 2, memory: 64, cores: 16, clusterid },
  ]);
  const all = await lab.ask('GET', `/magcluster/sizes?${range}`, { headers: { accept: 'text/csv' } });
  t.regex(all.text, /^date,servers,memory,cores,clusterid\n/);
  t.regex(all.text, /^2031-06-10,2,64,16,magnum\/k8s$/m);
  t.true(rowsOf(await lab.ask('GET', '/magcluster/sizes')).some((row) => row['clusterid'] === clusterid));
});
