import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { documentOf, issuesOf } from './eve-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('a machine that is added is read by its id and by its name', async (t) => {
  const made = await lab.ask('POST', '/machines', { body: { hostname: 'one', owner: 'tony' } });
  t.is(made.status, 201);
  const { _id: id, _etag: etag, _status: status } = documentOf(made);
  t.is(status, 'OK');
  t.is(made.headers.get('etag'), `"${etag}"`);
  t.is(made.headers.get('location'), `/machines/${id}`);
  for (const name of [id, 'one', 'ONE']) {
    const read = await lab.ask('GET', `/machines/${name}`);
    t.is(read.status, 200);
    t.like(read.body, { _id: id, _etag: etag, hostname: 'one', owner: 'tony' });
    t.is(read.headers.get('etag'), `"${etag}"`);
    t.regex(String(documentOf(read)['_created']), /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  }
  t.is((await lab.ask('HEAD', '/machines/one')).status, 200);
  t.is((await lab.ask('GET', '/machines/')).status, 200);
});

test('a form is a document too', async (t) => {
  const made = await lab.ask('POST', '/machines', { body: 'hostname=form-1&owner=tony&tags=a' });
  t.is(made.status, 201);
  t.like((await lab.ask('GET', '/machines/form-1')).body, { owner: 'tony', tags: ['a'] });
  // As `curl -d '{…}'` sends it.
  t.is((await lab.ask('POST', '/machines', { body: '{"hostname": "form-2"}' })).status, 201);
});

test('of a list all are added', async (t) => {
  const made = await lab.ask('POST', '/machines', { body: [{ hostname: 'many-1' }, { hostname: 'many-2' }] });
  t.is(made.status, 201);
  t.like(made.body, { _status: 'OK', _items: [{ _status: 'OK', hostname: 'many-1' }, { hostname: 'many-2' }] });
  t.is((await lab.ask('GET', '/machines/many-2')).status, 200);
});

test('an address is what one looks like, and in one kind only', async (t) => {
  const wrong = await lab.ask('POST', '/public-addresses', { body: { address: '10.0.0.300' } });
  t.is(wrong.status, 422);
  t.regex(issuesOf(wrong)['address'] ?? '', /an IPv4 address such as/);
  const made = await lab.ask('POST', '/public-addresses', { body: { address: '2001:DB8::0:7', owner: 'tony' } });
  t.is(made.status, 201);
  t.like((await lab.ask('GET', '/public-addresses/2001:db8::7')).body, { address: '2001:db8::7', owner: 'tony' });
  t.is((await lab.ask('POST', '/private-addresses', { body: { address: '2001:db8::7' } })).status, 422);
  t.is((await lab.ask('POST', '/private-addresses', { body: { address: '10.17.0.1' } })).status, 201);
});
