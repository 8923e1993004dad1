import test from 'ava';
import { type HttpLab, startHttpLab } from '../http-client.fixture.js';
import { documentOf, issuesOf, listOf, makeMachine } from './eve-lab.fixture.js';

let lab: HttpLab;

test.before(async () => {
  lab = await startHttpLab();
});

test.after.always(() => lab.stop());

test('what is wrong is told by field, and nothing is stored', async (t) => {
  const wrong = await lab.ask('POST', '/machines', { body: { hostname: 'wrong-1', state: 'odd', colour: 'red' } });
  t.is(wrong.status, 422);
  const { _status: status, _issues: issues, _error: error } = documentOf(wrong);
  t.is(status, 'ERR');
  t.deepEqual(Object.keys(issues as object).sort(), ['colour', 'state']);
  t.regex((issues as { state: string }).state, /allowed are pxe, pxe_failed, idle, needs_repair, in_use/);
  t.like(error, { code: 422, reason: 'RECORD_INVALID' });
  t.is((await lab.ask('GET', '/machines/wrong-1')).status, 404);

  const list = await lab.ask('POST', '/machines', { body: [{ hostname: 'wrong-2' }, { owner: 'tony' }] });
  t.is(list.status, 422);
  t.like(list.body, { _status: 'ERR', _items: [{ _status: 'ERR', _issues: {} }, { _status: 'ERR' }] });
  t.deepEqual(Object.keys(listOf(list)._items[1]?.['_issues'] as object), ['hostname']);
  t.is((await lab.ask('GET', '/machines/wrong-2')).status, 404);

  const missing = await lab.ask('POST', '/machines', { body: {} });
  t.is(missing.status, 422);
  t.like(missing.body, { _error: { reason: 'RECORD_INVALID' } });
  t.regex(issuesOf(missing)['hostname'] ?? '', /is missing/);

  await makeMachine(lab, 'taken');
  const taken = await lab.ask('POST', '/machines', { body: { hostname: 'TAKEN' } });
  t.is(taken.status, 422);
  t.like(taken.body, { _error: { reason: 'RECORD_EXISTS' } });
  t.regex(issuesOf(taken)['hostname'] ?? '', /hostname must be unique/);
});

test('bad questions are refused with what is allowed', async (t) => {
  for (const [query, field, text] of [
    ['max_result=3', 'max_result', /did you mean 'max_results'/],
    ['page=0', 'page', /whole number from 1/],
    ['max_results=many', 'max_results', /whole number from 1 to 10000/],
    ['where={"owner":', 'where', /is no JSON/],
    ['where={"$or":[]}', 'where', /records cannot be asked/],
    ['where=owner=="a"&where=owner=="b"', 'where', /given twice/],
    ['sort=owner,state', 'sort', /several fields/],
  ] as const) {
    const told = await lab.ask('GET', `/machines?${query}`);
    t.is(told.status, 400, query);
    const { _issues: issues, _error: error } = documentOf(told);
    t.like(error, { code: 400, reason: 'INVALID_FIELD' });
    t.regex((issues as Readonly<Record<string, string>>)[field] ?? '', text, query);
  }
  const unknown = await lab.ask('GET', '/machines?where={"colour":"red"}');
  t.is(unknown.status, 400);
  t.regex(unknown.text, /machines have no field/);
});

test('bad bodies are refused, and change nothing', async (t) => {
  const raw = (body: string, type: string) => lab.ask('POST', '/machines', { body, headers: { 'content-type': type } });
  for (const [told, status, reason] of [
    [await raw('{"hostname": ', 'application/json'), 400, 'MALFORMED_REQUEST'],
    [await raw('<machine/>', 'text/xml'), 415, 'UNSUPPORTED_MEDIA'],
    [await raw('"bad-1"', 'application/json'), 400, 'INVALID_FIELD'],
    [await raw('[{"hostname": "bad-1"}, 7]', 'application/json'), 400, 'INVALID_FIELD'],
    [await raw('[]', 'application/json'), 400, 'INVALID_FIELD'],
    [await raw('{"hostname": "bad-1", "__proto__": {}}', 'application/json'), 400, 'MALFORMED_REQUEST'],
    [
      await raw(`{"hostname": "bad-1", "tags": ${'['.repeat(99)}${']'.repeat(99)}}`, 'application/json'),
      400,
      'MALFORMED_REQUEST',
    ],
    [await raw('hostname=bad-1&hostname=bad-2', 'application/x-www-form-urlencoded'), 422, 'RECORD_INVALID'],
    [await lab.ask('POST', '/machines'), 400, 'INVALID_FIELD'],
    [await lab.ask('POST', '/machines?hostname=bad-1', { body: {} }), 400, 'INVALID_FIELD'],
  ] as const) {
    t.is(told.status, status, told.text);
    t.like(told.body, { _status: 'ERR', _error: { code: status, reason } });
  }
  t.is((await lab.ask('GET', '/machines/bad-1')).status, 404);
  const { _etag: etag } = await makeMachine(lab, 'bad-2');
  const list = await lab.ask('PATCH', '/machines/bad-2', { body: [{ owner: 'x' }], headers: { 'if-match': etag } });
  t.is(list.status, 400);
  t.like((await lab.ask('GET', '/machines/bad-2')).body, { _etag: etag });
});

test('only operators change machines', async (t) => {
  const { _etag: etag } = await makeMachine(lab, 'guarded');
  const headers = { 'if-match': etag };
  for (const role of ['viewer', 'user']) {
    t.is((await lab.ask('GET', '/machines/guarded', { role })).status, 200);
    for (const [method, path, body] of [
      ['POST', '/machines', { hostname: 'guarded-2' }],
      ['PATCH', '/machines/guarded', { owner: role }],
      ['PUT', '/machines/guarded', { hostname: 'guarded' }],
      ['DELETE', '/machines/guarded', undefined],
    ] as const) {
      const told = await lab.ask(method, path, { role, body, headers });
      t.is(told.status, 403, `${role} ${method}`);
      t.like(told.body, { _error: { reason: 'PERMISSION_DENIED' } });
    }
  }
  t.like((await lab.ask('GET', '/machines/guarded')).body, { _etag: etag });
});

test('what cannot be done with a list, or with a machine, is told with what can', async (t) => {
  for (const [method, path, allow] of [
    ['DELETE', '/machines', 'GET, HEAD, POST'],
    ['PUT', '/machines/', 'GET, HEAD, POST'],
    ['OPTIONS', '/machines', 'GET, HEAD, POST'],
    ['POST', '/machines/any', 'DELETE, GET, HEAD, PATCH, PUT'],
  ] as const) {
    const told = await lab.ask(method, path);
    t.is(told.status, 405, `${method} ${path}`);
    t.is(told.headers.get('allow'), allow);
  }
});

test('what is no kind is nothing, and the nearest is told', async (t) => {
  for (const [method, path] of [
    ['GET', '/machnies'],
    ['POST', '/machnies'],
    ['DELETE', '/machnies/x'],
    ['GET', '/machnies/x'],
  ] as const) {
    const told = await lab.ask(method, path);
    t.is(told.status, 404, `${method} ${path}`);
    t.regex(told.text, /NO_SUCH_PATH/);
    t.regex(told.text, /did you mean '\/machines/);
  }
  const missing = await lab.ask('GET', '/machines/never');
  t.is(missing.status, 404);
  t.like(missing.body, { _status: 'ERR', _error: { code: 404, reason: 'NO_SUCH_RECORD' } });
});
