import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { documentOf, hostNames, makeMachine } from './eve-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('a change names the version that was seen', async (t) => {
  const { _id: id, _etag: etag } = await makeMachine(lab, 'patched', { owner: 'tony', state: 'idle' });
  const body = { state: 'in_use', owner: null };
  for (const [method, sent] of [
    ['PATCH', body],
    ['PUT', { hostname: 'patched' }],
    ['DELETE', undefined],
  ] as const) {
    const without = await lab.ask(method, '/machines/patched', { body: sent });
    t.is(without.status, 428, method);
    t.like(without.body, { _status: 'ERR', _error: { code: 428, reason: 'ETAG_REQUIRED' } });
    const any = await lab.ask(method, '/machines/patched', { body: sent, headers: { 'if-match': '*' } });
    t.is(any.status, 428, method);
    for (const header of ['"stale"', `W/"${etag}"`]) {
      const stale = await lab.ask(method, `/machines/${id}`, { body: sent, headers: { 'if-match': header } });
      t.is(stale.status, 412, `${method} ${header}`);
      t.like(stale.body, { _error: { reason: 'STALE_ETAG' } });
    }
  }
  t.like((await lab.ask('GET', '/machines/patched')).body, { _etag: etag, state: 'idle' });

  const patched = await lab.ask('PATCH', '/machines/patched', { body, headers: { 'if-match': `"${etag}"` } });
  t.is(patched.status, 200);
  t.like(patched.body, { _id: id, _status: 'OK', state: 'in_use' });
  t.false('owner' in documentOf(patched));
  t.not(documentOf(patched)._etag, etag);
  t.is((await lab.ask('DELETE', `/machines/${id}`, { headers: { 'if-match': etag } })).status, 412);
  const now = documentOf(patched)._etag;
  const gone = await lab.ask('DELETE', '/machines/patched', { headers: { 'if-match': `"other", "${now}"` } });
  t.is(gone.status, 204);
  t.is(gone.text, '');
  t.is((await lab.ask('GET', `/machines/${id}`)).status, 404);
  t.is((await lab.ask('DELETE', `/machines/${id}`)).status, 404);
});

test('a replacement removes what it does not name, and may be what was read', async (t) => {
  const { _etag: etag } = await makeMachine(lab, 'replaced', { owner: 'tony', state: 'idle', tags: ['a'] });
  const replaced = await lab.ask('PUT', '/machines/replaced', {
    body: { hostname: 'replaced', state: 'pxe' },
    headers: { 'if-match': etag },
  });
  t.is(replaced.status, 200);
  t.false('owner' in documentOf(replaced) || 'tags' in documentOf(replaced));
  const read = await lab.ask('GET', '/machines/replaced');
  const back = await lab.ask('PUT', '/machines/replaced', {
    body: { ...documentOf(read), owner: 'ann' },
    headers: { 'if-match': read.headers.get('etag') ?? '' },
  });
  t.is(back.status, 200);
  t.like(back.body, { hostname: 'replaced', state: 'pxe', owner: 'ann' });
  const headers = { 'if-match': back.headers.get('etag') ?? '' };
  t.is((await lab.ask('PUT', '/machines/replaced', { body: { owner: 'x' }, headers })).status, 422);
  const other = await lab.ask('PATCH', '/machines/replaced', { body: { _id: 'rec-other' }, headers });
  t.is(other.status, 422);
  t.like((await lab.ask('GET', '/machines/replaced')).body, { owner: 'ann' });
});

test('of writers with one etag one wins', async (t) => {
  const { _etag: etag } = await makeMachine(lab, 'raced');
  const writers = Array.from({ length: 8 }, (_, i) => `w${String(i)}`);
  const told = await Promise.all(
    writers.map((owner) => lab.ask('PATCH', '/machines/raced', { body: { owner }, headers: { 'if-match': etag } })),
  );
  const statuses = told.map(({ status }) => status);
  t.deepEqual([...statuses].sort(), [200, ...Array.from({ length: 7 }, () => 412)]);
  const winner = writers[statuses.indexOf(200)];
  t.like((await lab.ask('GET', '/machines/raced')).body, { owner: winner });
});

test('what has not changed is not sent again', async (t) => {
  const { _id: id, _etag: etag } = await makeMachine(lab, 'unchanged');
  for (const header of [`"${etag}"`, etag, `W/"${etag}"`, `"x", "${etag}"`, '*']) {
    const told = await lab.ask('GET', `/machines/${id}`, { headers: { 'if-none-match': header } });
    t.is(told.status, 304, header);
    t.is(told.text, '');
    t.is(told.headers.get('etag'), `"${etag}"`);
  }
  t.is((await lab.ask('GET', `/machines/${id}`, { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('a request id makes changes repeatable', async (t) => {
  const body = { hostname: 'repeated' };
  const [first, second] = [
    await lab.ask('POST', '/machines?request_id=r-1', { body }),
    await lab.ask('POST', '/machines?request_id=r-1', { body }),
  ];
  t.deepEqual([first.status, second.status], [201, 201]);
  t.deepEqual(second.body, first.body);
  const reused = await lab.ask('POST', '/machines?request_id=r-1', { body: { hostname: 'another' } });
  t.is(reused.status, 400);
  t.like(reused.body, { _error: { reason: 'REQUEST_ID_REUSED' } });
  const headers = { 'if-match': documentOf(first)._etag };
  for (const [method, status, sent] of [
    ['PUT', 200, { ...body, owner: 'tony' }],
    ['PUT', 200, { ...body, owner: 'tony' }],
  ] as const) {
    const told = await lab.ask(method, '/machines/repeated?request_id=r-2', { body: sent, headers });
    t.is(told.status, status);
    t.like(told.body, { owner: 'tony' });
  }
  const { _etag: etag } = documentOf(await lab.ask('GET', '/machines/repeated'));
  for (const _ of [1, 2]) {
    const gone = await lab.ask('DELETE', '/machines/repeated?request_id=r-3', { headers: { 'if-match': etag } });
    t.is(gone.status, 204);
  }
});

test('a machine that is claimed is not deleted', async (t) => {
  await lab.ask('POST', '/machines', { body: { hostname: 'claimed', owner: 'claims' } });
  const claim = { filters: [{ field: 'owner', equals: 'claims' }], owner: 'ann' };
  t.is((await lab.ask('POST', '/v1/records/machines:claim', { body: claim })).status, 200);
  const read = await lab.ask('GET', '/machines/claimed');
  t.is(documentOf(read)['_claimed_by'], 'ann');
  t.deepEqual(hostNames(await lab.ask('GET', '/machines?where={"_claimed_by":"ann"}')), ['claimed']);
  const told = await lab.ask('DELETE', '/machines/claimed', { headers: { 'if-match': documentOf(read)._etag } });
  t.is(told.status, 409);
  t.like(told.body, { _error: { reason: 'RECORD_CLAIMED' } });
});
