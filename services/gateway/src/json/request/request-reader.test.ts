import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { BerthError } from '@berth/kernel';
import test from 'ava';
import type { Endpoint, Endpoints } from '../endpoints.js';
import { endpointsOf } from '../endpoints.js';
import { thingsSet } from '../things.fixture.js';
import { parseJson } from './parse-json.js';

const things: Endpoints = endpointsOf(
  await thingsSet({
    Get: { rule: { get: '/v1/things/{thing.name}' } },
    List: { rule: { get: '/v1/kinds/{kind}/{number}' } },
    Put: { rule: { put: '/v1/things/{thing.name}', body: 'thing' } },
    Post: {
      rule: {
        post: '/v1/things/{thing.owner.user_name}:make',
        body: '*',
        additionalBindings: [{ patch: '/v2/things/{id}', body: 'thing', responseBody: 'note' }],
      },
    },
    Talk: { rule: { post: '/v1/things:talk', body: '*' }, clientStreaming: true, serverStreaming: true },
  }),
);

function endpoint(
  method: string,
  path: string,
): { readonly endpoint: Endpoint; readonly variables: readonly (readonly [string, string])[] } {
  const found = things.table.find(method, path);
  if (found.kind !== 'route') throw new Error(`${path} leads nowhere`);
  return { endpoint: found.target, variables: found.variables };
}

/** The request that an HTTP request becomes, as protobuf's JSON without defaults. */
function read(method: string, url: string, body?: string): JsonValue {
  const [path = '', query = ''] = url.split('?');
  const { endpoint: target, variables } = endpoint(method, path);
  const bytes = target.reader.read({
    variables,
    query,
    body: body === undefined ? undefined : parseJson(body, 'the body'),
  });
  return toJson(target.method.input, fromBinary(target.method.input, bytes), { registry: things.registry });
}

/** What is wrong with a request: `field: description` each. */
function faults(method: string, url: string, body?: string): readonly string[] {
  try {
    read(method, url, body);
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return (error.details.fields ?? []).map(({ field, description }) => `${field}: ${description}`);
  }
  return [];
}

test('parameters name fields by their path, with names as in the proto or in JSON', (t) => {
  t.deepEqual(
    read(
      'GET',
      '/v1/things/a%2Fb?page_size=5&thing.owner.user_name=Ann&thing.owner.boss.userName=Bob&thing.isNew=true',
    ),
    {
      thing: { name: 'a/b', isNew: true, owner: { userName: 'Ann', boss: { userName: 'Bob' } } },
      pageSize: 5,
    },
  );
});

test('parameters are repeated for lists, and have keys for maps', (t) => {
  const query =
    'thing.tags=x&thing.tags=y%26z&thing.kinds=KIND_SMALL&thing.kinds=2&thing.labels%5Ba.b%5D=1&thing.labels[c]]=2&thing.amounts[n]=12';
  t.deepEqual(read('GET', `/v1/things/a?${query}`), {
    thing: {
      name: 'a',
      tags: ['x', 'y&z'],
      kinds: ['KIND_SMALL', 'KIND_LARGE'],
      labels: { 'a.b': '1', 'c]': '2' },
      amounts: { n: '12' },
    },
  });
});

test('parameters hold every kind of value', (t) => {
  const query = new URLSearchParams({
    'thing.size': '-7',
    'thing.big_number': '-9223372036854775808',
    'thing.huge': '18446744073709551615',
    'thing.ratio': '-1.5e3',
    'thing.blob': 'AP-_',
    'thing.kind': 'KIND_LARGE',
    'thing.made_at': '2026-01-31T09:30:00.25+02:00',
    'thing.life': '3.5s',
    'thing.limit': '0',
    'thing.extra': '{"a":[1,null]}',
    'thing.any_value': '"x"',
    'thing.owners[o]': '{"userName":"Ann"}',
    'thing.others': '{"user_name":"Bob"}',
    'thing.maybe': '',
    'thing.right': '0',
  });
  t.deepEqual(read('GET', `/v1/things/a?${query.toString()}`), {
    thing: {
      name: 'a',
      size: -7,
      bigNumber: '-9223372036854775808',
      huge: '18446744073709551615',
      ratio: -1500,
      blob: 'AP+/',
      kind: 'KIND_LARGE',
      madeAt: '2026-01-31T07:30:00.250Z',
      life: '3.500s',
      limit: 0,
      extra: { a: [1, null] },
      anyValue: 'x',
      owners: { o: { userName: 'Ann' } },
      others: [{ userName: 'Bob' }],
      maybe: '',
      right: 0,
    },
  });
});

test('a mask takes both spellings, and names that JSON has no way to write', (t) => {
  const { endpoint: target, variables } = endpoint('GET', '/v1/things/a');
  const bytes = target.reader.read({
    variables,
    query: 'update_mask=mac_address,macAddress,%20thing.ip_4',
    body: undefined,
  });
  const message = fromBinary(target.method.input, bytes) as unknown as {
    readonly updateMask: { readonly paths: string[] };
  };
  t.deepEqual(message.updateMask.paths, ['mac_address', 'mac_address', 'thing.ip_4']);
});

test('variables of a path have the types of their fields', (t) => {
  t.deepEqual(read('GET', '/v1/kinds/KIND_SMALL/12'), { kind: 'KIND_SMALL', number: '12' });
  t.deepEqual(read('GET', '/v1/kinds/2/-3'), { kind: 'KIND_LARGE', number: '-3' });
  t.deepEqual(faults('GET', '/v1/kinds/KIND_SMAL/1x'), [
    `kind: must be one of KIND_UNSPECIFIED, KIND_SMALL, KIND_LARGE, is "KIND_SMAL"; did you mean 'KIND_SMALL'?`,
    'number: must be a whole number, is "1x"',
  ]);
});

test('a body is a field, and the rest are parameters', (t) => {
  t.deepEqual(read('PUT', '/v1/things/a?page_size=2', '{"size": 1, "big_number": 12}'), {
    thing: { name: 'a', size: 1, bigNumber: '12' },
    pageSize: 2,
  });
  t.deepEqual(read('PUT', '/v1/things/a', '{"name": "a"}'), { thing: { name: 'a' } });
  t.deepEqual(read('PUT', '/v1/things/a', '{"name": ""}'), { thing: { name: 'a' } });
  t.deepEqual(read('PUT', '/v1/things/a'), { thing: { name: 'a' } });
});

test('a body is everything that the path does not say', (t) => {
  t.deepEqual(read('POST', '/v1/things/Ann:make', '{"thing": {"size": 1, "owner": {"boss": {}}}, "pageSize": 3}'), {
    thing: { size: 1, owner: { userName: 'Ann', boss: {} } },
    pageSize: 3,
  });
  t.deepEqual(read('POST', '/v1/things/Ann:make', '{"thing": {"owner": {"userName": "Ann"}}}'), {
    thing: { owner: { userName: 'Ann' } },
  });
  t.deepEqual(read('POST', '/v1/things/Ann:make'), { thing: { owner: { userName: 'Ann' } } });
});

test('additional bindings have bodies and answers of their own', (t) => {
  const { endpoint: target } = endpoint('PATCH', '/v2/things/i');
  t.deepEqual(read('PATCH', '/v2/things/i', '{"size": 1}'), { thing: { size: 1 }, id: 'i' });
  t.is(target.path, '/test.v1.ThingService/Post');
  t.is(target.responseText(new Uint8Array([0x12, 2, 0x68, 0x69])), '"hi"');
  t.is(
    endpoint('POST', '/v1/things/a:make').endpoint.responseText(new Uint8Array([0x12, 2, 0x68, 0x69])),
    '{"note":"hi"}',
  );
});

test('null is the absence of a field', (t) => {
  t.deepEqual(
    read('POST', '/v1/things/A:make', '{"id": null, "thing": {"kind": null, "tags": null, "anyValue": null}}'),
    {
      thing: { anyValue: null, owner: { userName: 'A' } },
    },
  );
});

const REFUSED: readonly (readonly [
  title: string,
  request: readonly [string, string, string?],
  faults: readonly string[],
])[] = [
  [
    'an unknown parameter',
    ['GET', '/v1/things/a?page_sise=1'],
    [`page_sise: is not a parameter here; did you mean 'page_size'?`],
  ],
  [
    'an unknown nested parameter',
    ['GET', '/v1/things/a?thing.owner.user=1'],
    [`thing.owner.user: is not a parameter here.`],
  ],
  [
    'a parameter below a value',
    ['GET', '/v1/things/a?thing.size.x=1'],
    [`thing.size.x: cannot be read: 'size' has no fields`],
  ],
  [
    'a name that is none',
    ['GET', '/v1/things/a?a..b=1&=2'],
    [
      'a..b: cannot be read; write field=, field.field= or field[key]=',
      ': cannot be read; write field=, field.field= or field[key]=',
    ],
  ],
  ['a parameter twice', ['GET', '/v1/things/a?page_size=1&pageSize=2'], ['pageSize: is given twice']],
  ['a key twice', ['GET', '/v1/things/a?thing.labels[a]=1&thing.labels[a]=2'], ['thing.labels[a]: is given twice']],
  [
    'a message whole and in parts',
    ['GET', '/v1/things/a?thing.owner={}&thing.owner.user_name=x'],
    [`thing.owner.user_name: is given twice: 'owner' is given as a whole too`],
  ],
  ['what the path says', ['GET', '/v1/things/a?thing.name=b'], ['thing.name: is given twice']],
  [
    'a map without a key',
    ['GET', '/v1/things/a?thing.labels=x'],
    ['thing.labels: has entries; write labels[key]=value'],
  ],
  [
    'a key where there are none',
    ['GET', '/v1/things/a?thing.tags[0]=x'],
    ['thing.tags[0]: has no entries; write tags=value'],
  ],
  [
    'bad JSON in a parameter',
    ['GET', '/v1/things/a?thing.owner=Ann'],
    [`thing.owner: must be JSON, for example {"userName": …}; found 'Ann' instead of a value`],
  ],
  [
    'a body where none belongs',
    ['GET', '/v1/things/a', '{}'],
    ['body: belongs to no request of this kind; send the fields as parameters'],
  ],
  [
    'the body as a parameter too',
    ['PUT', '/v1/things/a?thing.size=1', '{}'],
    ['thing: is what the body is; leave it out of the query'],
  ],
  [
    'parameters beside a body of everything',
    ['POST', '/v1/things/A:make?page_size=1&x=2', '{}'],
    ['page_size: belongs into the body here, not into the query', 'x: is not a parameter here'],
  ],
  [
    'another name in path and body',
    ['PUT', '/v1/things/a', '{"name": "b"}'],
    ['thing.name: is "a" in the path and "b" in the body'],
  ],
  ['a body that is no object', ['POST', '/v1/things/A:make', '[]'], ['body: must be an object, is a list']],
  ['a field that is no object', ['PUT', '/v1/things/a', '3'], ['thing: must be an object, is 3']],
  [
    'an unknown field',
    ['PUT', '/v1/things/a', '{"sise": 1}'],
    [`thing.sise: is not a field here; did you mean 'size'?`],
  ],
  [
    'a field by both names',
    ['PUT', '/v1/things/a', '{"is_new": true, "isNew": false}'],
    ['thing.is_new: is given twice, as is_new and as isNew'],
  ],
  [
    'two of one choice',
    ['PUT', '/v1/things/a', '{"left": "", "right": 1}'],
    ['thing.right: cannot be together with left; give one of them'],
  ],
  [
    'values of a wrong type',
    [
      'PUT',
      '/v1/things/a',
      '{"size": "x", "tags": "y", "labels": [], "isNew": "true", "owner": 1, "others": [{"x": 1}]}',
    ],
    [
      'thing.size: must be a whole number, is "x"',
      'thing.tags: must be a list, is "y"',
      'thing.labels: must be an object of names and values, is a list',
      'thing.is_new: must be true or false, is "true"',
      'thing.owner: must be an object, is 1',
      'thing.others[0].x: is not a field here.',
    ],
  ],
  [
    'numbers out of range',
    [
      'PUT',
      '/v1/things/a',
      '{"size": 2147483648, "count": -1, "bigNumber": "9223372036854775808", "huge": -1, "ratio": "x"}',
    ],
    [
      'thing.size: must be from -2147483648 to 2147483647, is 2147483648',
      'thing.count: must be from 0 to 4294967295, is -1',
      'thing.big_number: must be from -9223372036854775808 to 9223372036854775807, is 9223372036854775808',
      'thing.huge: must be from 0 to 18446744073709551615, is -1',
      'thing.ratio: must be a number, is "x"',
    ],
  ],
  [
    'a number that JSON rounds',
    ['PUT', '/v1/things/a', '{"bigNumber": 9007199254740993}'],
    ['thing.big_number: is 9007199254740992; write numbers beyond 2^53 as text, since JSON rounds them'],
  ],
  [
    'times and durations',
    ['PUT', '/v1/things/a', '{"madeAt": "2026-02-30", "life": "3s and more", "limit": "x", "blob": "*"}'],
    [
      'thing.made_at: must be a time such as "2026-01-31T09:30:00Z", is "2026-02-30"',
      'thing.life: must be a duration in seconds such as "3s" or "0.5s", is "3s and more"',
      'thing.limit: must be a whole number, is "x"',
      'thing.blob: must be bytes in base64, is "*"',
    ],
  ],
  [
    'half a character',
    ['PUT', '/v1/things/a', String.raw`{"maybe": "\ud800"}`],
    ['thing.maybe: has half of a surrogate pair; send whole characters'],
  ],
  [
    'a bad enum in a list',
    ['PUT', '/v1/things/a', '{"kinds": ["KIND_SMALL", "BIG", 1.5, true]}'],
    [
      'thing.kinds[1]: must be one of KIND_UNSPECIFIED, KIND_SMALL, KIND_LARGE, is "BIG".',
      'thing.kinds[2]: must be a whole number, is 1.5',
      'thing.kinds[3]: must be one of KIND_UNSPECIFIED, KIND_SMALL, KIND_LARGE, is true',
    ],
  ],
  [
    'an entry of a map',
    ['PUT', '/v1/things/a', '{"amounts": {"x": 1.5}, "owners": {"o": {"y": 1}}}'],
    ['thing.amounts[x]: must be a whole number, is 1.5', 'thing.owners[o].y: is not a field here.'],
  ],
];

for (const [title, request, expected] of REFUSED) {
  test(`refused: ${title}`, (t) => {
    t.deepEqual(faults(...request), expected);
  });
}

test('what is nested too deep is refused, and does not overflow', (t) => {
  const boss = (levels: number): string => `${'{"boss":'.repeat(levels)}{}${'}'.repeat(levels)}`;
  t.regex(faults('PUT', '/v1/things/a', `{"owner": ${boss(200)}}`).join(), /nested more than 100 levels/);
  t.deepEqual(faults('PUT', '/v1/things/a', `{"owner": ${boss(90)}}`), []);
  const list = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  t.regex(faults('PUT', '/v1/things/a', `{"extra": {"a": ${list(5000)}}}`).join(), /nested more than 50 levels/);
});

test('at most 20 faults are told, and one when every field is wrong', (t) => {
  const wrong = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${String(i)}`, 1]));
  t.true(faults('PUT', '/v1/things/a', JSON.stringify(wrong)).length >= 20);
  t.deepEqual(faults('PUT', '/v1/things/a', '{"__proto__": 1}'), ['thing.__proto__: is not a field here.']);
});

test('a line of a stream is a message of its own', (t) => {
  const { endpoint: target } = endpoint('POST', '/v1/things:talk');
  const type = target.method.input;
  t.deepEqual(toJson(type, fromBinary(type, target.reader.readLine({ id: 'x', page_size: 2 }))), {
    id: 'x',
    pageSize: 2,
  } as JsonObject);
  t.throws(() => target.reader.readLine([]), { message: /must be an object/ });
  t.throws(() => target.reader.requireNoParameters('id=x'), { message: /belongs into the body/ });
});
