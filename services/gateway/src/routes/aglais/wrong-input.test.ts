import test from 'ava';
import { type HttpLab, startHttpLab, type Told } from '../http-client.fixture.js';
import { madeOf, makeCluster, rowsOf } from './aglais-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('only what is known and makes sense is taken, and nothing changes by what does not', async (t) => {
  const clusterid = await makeCluster(lab, 'strict', { cores: 10 });
  const dates = { clusterid, startdate: '2031-06-08', enddate: '2031-06-14' };
  const range = 'range=2031-06-08,2031-06-14';
  for (const [method, path, body, field, text] of [
    ['GET', '/available/select', undefined, 'range', /is required/],
    ['GET', '/available/select?range=2031-06-08', undefined, 'range', /first and last day/],
    ['GET', '/available/select?range=2031-6-8,2031-06-14', undefined, 'range', /write a date/],
    ['GET', `/available/select?${range}&grain=dayly`, undefined, 'grain', /did you mean 'daily'/],
    ['GET', `/available/select?${range}&cluster=strict`, undefined, 'cluster', /did you mean 'clusterid'/],
    ['GET', `/magcluster/sizes?grain=day`, undefined, 'grain', /give range too/],
    ['GET', '/novaquota/allocated?clusterid=strict', undefined, 'clusterid', /is no parameter here/],
    ['POST', '/bookings/create', { ...dates }, 'servers', /is missing/],
    ['POST', '/bookings/create', { ...dates, cors: 1 }, 'cors', /did you mean 'cores'/],
    ['POST', '/bookings/create', { ...dates, cores: -1 }, 'cores', /whole number/],
    ['POST', '/bookings/create', { ...dates, cores: 1.5 }, 'cores', /whole number/],
    [
      'POST',
      '/bookings/create',
      { ...dates, cores: 1, share: '20%' },
      'share',
      /amounts and share cannot be booked in one/,
    ],
    ['POST', '/bookings/create', { ...dates, cores: 1, template: 'x' }, 'template', /cannot be booked in one/],
    ['POST', '/bookings/create', { ...dates, share: '120%' }, 'share', /more than the whole/],
    ['POST', '/bookings/create', { ...dates, cores: 1, count: 2 }, 'count', /counts template/],
    ['POST', '/bookings/create', { clusterid, cores: 1, startdate: '2031-06-08' }, 'enddate', /is required/],
    ['POST', '/bookings/create', { ...dates, cores: 1, provisional: 'perhaps' }, 'provisional', /1 or 0/],
    ['POST', '/bookings/create', [1], 'body', /must be a JSON object/],
    ['POST', '/resources/create', { ...dates }, 'servers', /is missing/],
    ['POST', '/novaquota/create', { ...dates, cores: 1 }, 'clusterid', /is no parameter here/],
    ['POST', '/clusters/create', { ...dates, cores: 1, template: 'x' }, 'template', /give one of both/],
    ['POST', '/clusters/create', { ...dates }, 'template', /give one of both/],
    ['POST', '/clusters/create', { ...dates, name: 'a/b', cores: 1 }, 'name', /is a path/],
    ['POST', '/magcluster/create', { ...dates, masterflavor: 'x' }, 'workerflavor', /is required/],
    [
      'POST',
      '/magcluster/create',
      { ...dates, masterflavor: 'x y', workerflavor: 'x' },
      'masterflavor',
      /write a template/,
    ],
  ] as const) {
    const told = await lab.ask(method, path, { body });
    t.is(told.status, 400, `${method} ${path} ${told.text}`);
    const [violation] = violationsOf(told).filter((each) => each.field === field);
    t.regex(violation?.description ?? told.text, text, path);
    t.regex(told.text, /INVALID_FIELD/);
  }
  const rows = rowsOf(await lab.ask('GET', `/bookings/select?${range}&clusterid=${clusterid}`));
  t.true(rows.every(({ cores }) => cores === 0));
});

function violationsOf({ body }: Told): readonly { readonly field: string; readonly description: string }[] {
  const { details } = body as { readonly details: readonly { readonly fieldViolations?: [] }[] };
  return details.flatMap(({ fieldViolations = [] }) => fieldViolations);
}

test("what the roles refuse is told with the roles' reasons", async (t) => {
  const dates = { startdate: '2031-06-08', enddate: '2031-06-14' };
  for (const [path, body, status, reason] of [
    ['/bookings/create', { ...dates, clusterid: 'nowhere', cores: 1 }, 404, 'NO_SUCH_CLUSTER'],
    ['/bookings/create', { ...dates, template: 'nothing' }, 404, 'NO_SUCH_TEMPLATE'],
    ['/bookings/create', { cores: 1, startdate: '2031-06-08', enddate: '2031-06-07' }, 400, 'INVALID_RANGE'],
    ['/bookings/create', { cores: 1, startdate: '2031-02-30', enddate: '2031-03-07' }, 400, 'INVALID_RANGE'],
    ['/magcluster/create', { ...dates, masterflavor: 'nothing', workerflavor: 'nothing' }, 404, 'NO_SUCH_TEMPLATE'],
    ['/resources/create', { ...dates, clusterid: 'nowhere', cores: 1 }, 404, 'NO_SUCH_CLUSTER'],
  ] as const) {
    const told = await lab.ask('POST', path, { body });
    t.is(told.status, status, told.text);
    t.regex(told.text, new RegExp(reason));
  }
  t.is((await lab.ask('GET', '/magcluster/nowhere')).status, 404);
  t.is((await lab.ask('GET', '/available/select?range=2031-06-08,2031-06-14&clusterid=nowhere')).status, 404);
  t.regex((await lab.ask('GET', '/available/select?range=2031-01-01,2090-12-31&grain=minute')).text, /TOO_MANY_BLOCKS/);
});

test('users book, and only operators grant; a user owns what was booked in that name', async (t) => {
  const clusterid = await makeCluster(lab, 'roles', { cores: 10 });
  // Users may not book years ahead.
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await lab.ask('POST', '/resources/create', { body: { clusterid, cores: 10, startdate: '2020-01-01' } });
  const body = { clusterid, cores: 1, startdate: soon, enddate: soon };
  t.is((await lab.ask('POST', '/bookings/create', { body, role: 'viewer' })).status, 403);
  const booked = await lab.ask('POST', '/bookings/create', { body, role: 'user', user: 'tony' });
  t.is(booked.status, 201);
  const read = await lab.ask('GET', `/v1/bookings/${madeOf(booked).id}`);
  t.like(read.body, { booking: { owner: 'tony' } });
  for (const path of ['/resources/create', '/novaquota/create']) {
    const told = await lab.ask('POST', path, { body: { cores: 1, startdate: '2031-06-08' }, role: 'user' });
    t.is(told.status, 403, path);
    t.regex(told.text, /PERMISSION_DENIED/);
  }
  t.is(
    (await lab.ask('GET', `/available/select?range=2031-06-08,2031-06-14&clusterid=${clusterid}`, { role: 'viewer' }))
      .status,
    200,
  );
});

test('other methods are refused with those that are taken', async (t) => {
  for (const [method, path, allow] of [
    ['POST', '/available/select', 'GET'],
    ['GET', '/bookings/create', 'POST'],
    ['PUT', '/novaquota/gr-1', 'DELETE, GET'],
    ['DELETE', '/magcluster/default', 'GET'],
  ] as const) {
    const told = await lab.ask(method, path);
    t.is(told.status, 405, `${method} ${path}: ${told.text}`);
    t.is(told.headers.get('allow'), allow);
  }
  const told = await lab.ask('GET', '/available/selct?range=2031-06-08,2031-06-14');
  t.is(told.status, 404);
  t.regex(told.text, /did you mean '\/available\/select'/);
});
