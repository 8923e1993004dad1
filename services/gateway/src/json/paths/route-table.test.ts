import { BerthError } from '@berth/kernel';
import test from 'ava';
import { parseTemplate } from './path-template.js';
import { RouteTable } from './route-table.js';

function table(...routes: readonly string[]): RouteTable<string> {
  const made = new RouteTable<string>();
  for (const route of routes) {
    const [method = '', template = ''] = route.split(' ');
    made.add(method, parseTemplate(template), template);
  }
  return made;
}

/** Where a path leads, and its variables: `/v1/{id} id=a`; else what is found. */
function found(routes: RouteTable<string>, method: string, path: string): string {
  const answer = routes.find(method, path);
  if (answer.kind === 'wrong_method') return `405 ${answer.allowed.join(',')}`;
  if (answer.kind === 'nothing') return '404';
  return [answer.target, ...answer.variables.map((pair) => pair.join('='))].join(' ');
}

test('slashes and colons in a name are percent-encoded, and decoded within their segment only', (t) => {
  const routes = table('GET /v1/benches/{name}', 'GET /v1/benches/{bench}:checkToken');
  t.is(found(routes, 'GET', '/v1/benches/rack%2F3'), '/v1/benches/{name} name=rack/3');
  t.is(found(routes, 'GET', '/v1/benches/rack%2f3%20b'), '/v1/benches/{name} name=rack/3 b');
  t.is(found(routes, 'GET', '/v1/benches/rack/3'), '404');
  t.is(found(routes, 'GET', '/v1/benches/a%3AcheckToken'), '/v1/benches/{name} name=a:checkToken');
  t.is(found(routes, 'GET', '/v1/benches/a:checkToken'), '/v1/benches/{bench}:checkToken bench=a');
  t.is(found(routes, 'GET', '/v1/benches/a%3Ab:checkToken'), '/v1/benches/{bench}:checkToken bench=a:b');
  t.is(found(routes, 'GET', '/v1/benches/a:b'), '/v1/benches/{name} name=a:b');
  t.is(found(routes, 'GET', '/v1/b%65nches/%252F'), '/v1/benches/{name} name=%2F');
});

test('the route that is literal where others are not wins', (t) => {
  const routes = table('GET /v1/{rest=**}', 'GET /v1/{a}/b', 'GET /v1/a/{b}', 'GET /v1/a/b', 'DELETE /v1/{a}/{b}');
  t.is(found(routes, 'GET', '/v1/a/b'), '/v1/a/b');
  t.is(found(routes, 'GET', '/v1/a/c'), '/v1/a/{b} b=c');
  t.is(found(routes, 'GET', '/v1/c/b'), '/v1/{a}/b a=c');
  t.is(found(routes, 'GET', '/v1/c/d/e%2Ff%20g'), '/v1/{rest=**} rest=c/d/e%2Ff g');
  t.is(found(routes, 'GET', '/v1'), '/v1/{rest=**} rest=');
  t.is(found(routes, 'DELETE', '/v1/a/b'), '/v1/{a}/{b} a=a b=b');
});

test('a variable of several segments keeps its literals', (t) => {
  const routes = table('GET /v1/{name=shelves/*/books/*}', 'POST /v1/{name=shelves/*}:move');
  t.is(found(routes, 'GET', '/v1/shelves/a/books/b%20c'), '/v1/{name=shelves/*/books/*} name=shelves/a/books/b c');
  t.is(found(routes, 'POST', '/v1/shelves/a:move'), '/v1/{name=shelves/*}:move name=shelves/a');
});

test('a path that is served with other methods only names them', (t) => {
  const routes = table('GET /v1/things/{id}', 'DELETE /v1/things/{name}', 'POST /v1/things/{id}:stop');
  t.is(found(routes, 'PUT', '/v1/things/a'), '405 DELETE,GET');
  t.is(found(routes, 'GET', '/v1/things/a:stop'), '/v1/things/{id} id=a:stop');
  t.is(found(routes, 'PUT', '/v1/things/a:stop'), '405 DELETE,GET,POST');
  t.is(found(routes, 'PUT', '/v1/nothing'), '404');
});

test('a name is never empty', (t) => {
  const routes = table('GET /v1/things/{id}', 'POST /v1/things/{id}:stop');
  t.is(found(routes, 'GET', '/v1/things/'), '404');
  // What is left is a name.
  t.is(found(routes, 'POST', '/v1/things/:stop'), '405 GET');
  t.is(found(routes, 'GET', '/v1/things/:stop'), '/v1/things/{id} id=:stop');
});

test('what a path could have meant has the segments of that path as names', (t) => {
  const routes = table('GET /v1/benches/{name}', 'POST /v1/benches/{name}:setCondition', 'GET /v1/watch');
  t.deepEqual(routes.candidates('/v1/bench/a'), ['/v1/benches/a', '/v1/benches/a:setCondition']);
  t.deepEqual(routes.candidates('/v1/benches/a:setCond'), ['/v1/benches/a:setCondition']);
});

test('bad percent-encoding is refused', (t) => {
  const routes = table('GET /v1/things/{id}');
  for (const path of ['/v1/things/%', '/v1/things/%zz', '/v1/things/%ff', '/v1/things/a:%ff']) {
    const error = t.throws(() => routes.find('GET', path), { instanceOf: BerthError }, path);
    t.is(error.reason, 'MALFORMED_REQUEST');
    t.regex(error.message, /percent-encoded/);
  }
});

test('two routes for the same paths are refused', (t) => {
  t.throws(() => table('GET /v1/things/{id}', 'GET /v1/things/{name}'), { message: /are one route/ });
  t.notThrows(() => table('GET /v1/things/{id}', 'PUT /v1/things/{name}'));
});
