import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { fromJson, toBinary } from '@bufbuild/protobuf';
import test from 'ava';
import fc from 'fast-check';
import { endpointsOf } from '../endpoints.js';
import { writeFields } from '../http-request.fixture.js';
import { thingsSet } from '../things.fixture.js';

const RUNS = { numRuns: 500 };
const { table, registry } = endpointsOf(
  await thingsSet({
    Get: { rule: { get: '/v1/things' } },
    Post: { rule: { post: '/v1/things', body: '*' } },
  }),
);

function readerOf(method: string): { read(parts: { query: string; body: JsonValue | undefined }): Uint8Array } {
  const found = table.find(method, '/v1/things');
  if (found.kind !== 'route') throw new Error('no route');
  const { reader } = found.target;
  return { read: (parts) => reader.read({ variables: [], ...parts }) };
}

const text = fc.string({ unit: 'grapheme' });
const kind = fc.constantFrom('KIND_UNSPECIFIED', 'KIND_SMALL', 'KIND_LARGE');
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const owner = fc.letrec((tie) => ({
  owner: fc.record(
    { userName: text, boss: fc.option(tie('owner'), { maxDepth: 3, nil: undefined }) },
    { requiredKeys: [] },
  ),
})).owner;
const thing = fc.record(
  {
    name: text,
    size: fc.integer(),
    bigNumber: int64,
    huge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
    count: fc.nat(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
    blob: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
    isNew: fc.boolean(),
    kind,
    tags: fc.array(text, { minLength: 1 }),
    kinds: fc.array(kind, { minLength: 1 }),
    numbers: fc.array(int64, { minLength: 1 }),
    labels: fc.dictionary(text, text, { minKeys: 1 }),
    amounts: fc.dictionary(text, int64, { minKeys: 1 }),
    madeAt: fc
      .date({ min: new Date(0), noInvalidDate: true, max: new Date('9999-01-01') })
      .map((at) => at.toISOString()),
    life: fc.integer().map((seconds) => `${String(seconds)}.25s`),
    limit: fc.integer(),
    extra: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })),
    anyValue: fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null),
    owner,
    others: fc.array(owner, { minLength: 1 }),
    maybe: text,
    left: text,
  },
  { requiredKeys: [] },
);
const request = fc.record({ thing, id: text, number: int64, kind, pageSize: fc.integer() }, { requiredKeys: [] });

test('a message in a query is the message in a body, and what protobuf reads', (t) => {
  const type = registry.getMessage('test.v1.ThingRequest');
  if (type === undefined) throw new Error('no type');
  const [asQuery, asBody] = [readerOf('GET'), readerOf('POST')];
  fc.assert(
    fc.property(request, (message) => {
      const json = JSON.parse(JSON.stringify(message)) as JsonObject;
      const query = new URLSearchParams();
      writeFields(type, json, '', query);
      const expected = Buffer.from(toBinary(type, fromJson(type, json, { registry })));
      t.true(expected.equals(asQuery.read({ query: query.toString(), body: undefined })), query.toString());
      t.true(expected.equals(asBody.read({ query: '', body: json })), JSON.stringify(json));
    }),
    RUNS,
  );
});

test('whatever a query is, it is read or refused with INVALID_FIELD', (t) => {
  const reader = readerOf('GET');
  const name = fc.oneof(
    text,
    fc.constantFrom(
      'thing',
      'thing.owner',
      'thing.owner.boss.boss',
      'thing.labels[a]',
      'thing.others',
      'updateMask',
      'thing.extra',
      'thing.any_value',
      'kind',
      'id',
      'thing.__proto__',
      'constructor',
    ),
  );
  const value = fc.oneof(text, fc.json(), fc.constantFrom('', '1', 'true', 'KIND_SMALL', '{}', '[]', 'null'));
  let wasRead = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 3 }), (pairs) => {
      try {
        reader.read({ query: new URLSearchParams(pairs).toString(), body: undefined });
        wasRead += 1;
      } catch (error) {
        t.is((error as { reason?: string }).reason, 'INVALID_FIELD', String(error));
      }
    }),
    { numRuns: 2000 },
  );
  t.true(wasRead > 20, `only ${String(wasRead)} were read`);
});
