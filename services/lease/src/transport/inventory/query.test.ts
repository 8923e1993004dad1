import { BerthError } from '@berth/kernel';
import { Requirement as RequirementMessage } from '@berth/proto/berth/lease/v1/bench';
import test from 'ava';
import fc from 'fast-check';
import type { Requirement } from '../../domain/index.js';
import { describeRequirement } from '../../domain/index.js';
import { parseQuery } from './query.js';

const NOTHING = { bench: '', location: '', attributes: [], entities: [], pool: '', labels: {}, count: undefined };

test('the query of the inventory page names location, attributes and entities', (t) => {
  t.deepEqual(parseQuery('location=office1&attributes=[a]&entity_properties=[[c],[e]]'), {
    ...NOTHING,
    location: 'office1',
    attributes: ['a'],
    entities: [
      { name: '', attributes: ['c'] },
      { name: '', attributes: ['e'] },
    ],
  });
});

test('every key has its form', (t) => {
  t.deepEqual(
    parseQuery(
      'bench=rack/3&pool=vms&labels=[os:linux,url:http://x,empty:]&count=3&entity_properties=[dut:[e,f],hub:[]]',
    ),
    {
      ...NOTHING,
      bench: 'rack/3',
      pool: 'vms',
      labels: { os: 'linux', url: 'http://x', empty: '' },
      count: 3,
      entities: [
        { name: 'dut', attributes: ['e', 'f'] },
        { name: 'hub', attributes: [] },
      ],
    },
  );
});

test('a single attribute or label stands without brackets, and white space around things does not count', (t) => {
  t.deepEqual(parseQuery(' attributes = a & labels = os:linux '), {
    ...NOTHING,
    attributes: ['a'],
    labels: { os: 'linux' },
  });
  t.deepEqual(parseQuery('attributes=[ a , b ]&location=room 12 west'), {
    ...NOTHING,
    attributes: ['a', 'b'],
    location: 'room 12 west',
  });
});

test('values are percent-decoded, and a plus sign is itself', (t) => {
  t.is(parseQuery('location=a%26b%3D%5Bc%5D%2C+%25%C3%BC').location, 'a&b=[c],+%ü');
});

const EXAMPLE = '. Write for example location=office1&attributes=[a]&entity_properties=[[c],[e]]';
const KEYS = ' The keys are bench, location, attributes, entity_properties, pool, labels, count';

const wrong: readonly (readonly [string, string])[] = [
  ['', 'at position 1: found the end of the query, expected a key'],
  ['locaton=x', `at position 1: unknown key 'locaton'; did you mean 'location'?${KEYS}`],
  ['location=x&colour=red', `at position 12: unknown key 'colour'.${KEYS}`],
  ['location', "at position 9: found the end of the query, expected '=' after 'location'"],
  ['location=', "at position 10: found the end of the query, expected a value for 'location'"],
  ['location=&bench=x', "at position 10: found '&', expected a value for 'location'"],
  ['location=x&location=y', "at position 12: key 'location' stands twice; give it once"],
  ['location=a attributes=[b]', "at position 22: found '=', expected '&' before the next key"],
  ['location=[a]', "at position 10: found '[', expected a value for 'location'"],
  ['attributes=[a&b]', "at position 14: found '&', expected ']' or ',' after the item"],
  ['attributes=[a', "at position 14: found the end of the query, expected ']' or ',' after the item"],
  ['attributes=[a,]', "at position 15: found ']', expected an attribute"],
  ['attributes=a,b', "at position 13: found ',', expected '&' before the next key"],
  ['attributes=[a]]', "at position 15: found ']', expected '&' before the next key"],
  ['entity_properties=c', "at position 19: found 'c', expected '[' to open the list"],
  [
    'entity_properties=[c]',
    "at position 21: found ']', expected ':' after the entity's name 'c', as in [c:[a]]; attributes stand in brackets, as in [[c]]",
  ],
  ['entity_properties=[dut:e]', "at position 24: found 'e', expected '[' or an entity's name with ':[' after it"],
  ['labels=[os]', "at position 11: found ']', expected ':' after the label's key 'os'"],
  ['labels=[a:b,a:c]', "at position 13: label 'a' stands twice; give it once"],
  ['count=two', "at position 7: found 'two', expected a whole number for 'count'"],
  ['count=1.5', "at position 7: found '1.5', expected a whole number for 'count'"],
  ['location=%zz', "at position 10: found '%zz', expected two hex digits after '%' (a '%' itself is %25)"],
  ['location=ab%ff', "at position 10: found 'ab%ff', expected percent-encoded UTF-8"],
];

for (const [query, description] of wrong) {
  test(`"${query}" is refused with position, what was found and what is expected`, (t) => {
    const error = t.throws(() => parseQuery(query), { instanceOf: BerthError });
    t.is(error.reason, 'INVALID_QUERY');
    t.deepEqual(error.details.fields, [{ field: 'query', description: description + EXAMPLE }]);
  });
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const full = text.filter((value) => value !== '');
const key = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,8}$/);
const requirement: fc.Arbitrary<Requirement> = fc.record({
  bench: text,
  location: text,
  attributes: fc.array(full, { maxLength: 4 }),
  entities: fc.array(
    fc.record({ name: fc.oneof(fc.constant(''), key), attributes: fc.array(full, { maxLength: 3 }) }),
    { maxLength: 3 },
  ),
  pool: text,
  labels: fc.dictionary(key, text, { maxKeys: 3 }),
});

test('a requirement survives being written as a query and read again', (t) => {
  fc.assert(
    fc.property(requirement, (wanted) => {
      const line = describeRequirement(wanted);
      if (line === '') return;
      const { count, ...fields } = parseQuery(line);
      t.is(count, undefined);
      t.deepEqual(fields, { ...wanted, labels: { ...wanted.labels } });
    }),
  );
  t.is(describeRequirement({ ...RequirementMessage.create(), entities: [] }), '');
});

test('different requirements have different lines', (t) => {
  const none: Requirement = { ...NOTHING };
  t.not(
    describeRequirement({ ...none, location: 'x&attributes=[a]' }),
    describeRequirement({ ...none, location: 'x', attributes: ['a'] }),
  );
  t.not(
    describeRequirement({ ...none, labels: { a: 'b,c:d' } }),
    describeRequirement({ ...none, labels: { a: 'b', c: 'd' } }),
  );
});

test('any text at all is either read or refused with INVALID_QUERY', (t) => {
  const piece = fc.oneof(
    fc.constantFrom('[', ']', '&', '=', ',', ':', '%', ' '),
    fc.constantFrom('location', 'attributes', 'entity_properties', 'labels', 'count', 'a', '1'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parseQuery(pieces.join(''));
      } catch (error) {
        t.true(error instanceof BerthError && error.reason === 'INVALID_QUERY', String(error));
      }
    }),
  );
  t.pass();
});
