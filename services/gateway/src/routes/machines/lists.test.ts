import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { hostNames, listOf } from './eve-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('a list has everything unless a page is asked for', async (t) => {
  const all = Array.from({ length: 1100 }, (_, i) => ({
    name: `range-${String(i).padStart(4, '0')}`,
    range: '10.0.0.0/30',
  }));
  for (const list of [all.slice(0, 1000), all.slice(1000)])
    t.is((await lab.ask('POST', '/address-ranges', { body: list })).status, 201);
  const whole = listOf(await lab.ask('GET', '/address-ranges?sort=name'));
  t.is(whole._items.length, 1100);
  t.deepEqual(whole._meta, { page: 1, max_results: 1100, total: 1100 });
  const page = listOf(await lab.ask('GET', '/address-ranges?sort=-name&max_results=3&page=2'));
  t.deepEqual(
    page._items.map(({ name }) => name),
    ['range-1096', 'range-1095', 'range-1094'],
  );
  t.deepEqual(page._meta, { page: 2, max_results: 3, total: 1100 });
  t.is(page._links['next']?.href, 'address-ranges?sort=-name&max_results=3&page=3');
  const next = await lab.ask('GET', `/${page._links['next']?.href ?? ''}`);
  t.is(listOf(next)._items[0]?.['name'], 'range-1093');
  t.is(listOf(await lab.ask('GET', '/address-ranges?page=44'))._items.length, 25);
  t.is(listOf(await lab.ask('GET', '/address-ranges?page=45'))._items.length, 0);
  const over = await lab.ask('POST', '/address-ranges', { body: [...all, ...all].map((each) => ({ ...each })) });
  t.is(over.status, 400);
  t.regex(over.text, /at most 1000 are allowed/);
});

test('a list is filtered and sorted in the syntaxes of Eve', async (t) => {
  await lab.ask('POST', '/machines', {
    body: ['c', 'a', 'b'].map((name, i) => ({ hostname: `sift-${name}`, owner: 'sift', job_id: `j${String(i)}` })),
  });
  const found = async (query: Readonly<Record<string, string>>): Promise<unknown[]> => {
    const told = await lab.ask('GET', `/machines?${new URLSearchParams(query).toString()}`);
    t.is(told.status, 200, told.text);
    return hostNames(told);
  };
  t.deepEqual(await found({ where: '{"owner": "sift"}', sort: 'hostname' }), ['sift-a', 'sift-b', 'sift-c']);
  t.deepEqual(await found({ where: 'owner=="sift"', sort: '[("hostname", -1)]' }), ['sift-c', 'sift-b', 'sift-a']);
  t.deepEqual(await found({ where: 'owner=="sift" and job_id=="j1"' }), ['sift-a']);
  t.deepEqual(await found({ where: '{"job_id": {"$in": ["j0", "j2"]}, "owner": "sift"}', sort: 'hostname' }), [
    'sift-b',
    'sift-c',
  ]);
  t.deepEqual(await found({ where: '{"hostname": {"$regex": "^sift-"}}', sort: 'job_id' }), [
    'sift-c',
    'sift-a',
    'sift-b',
  ]);
  t.deepEqual(await found({ where: '{"owner": "nobody"}' }), []);
});
