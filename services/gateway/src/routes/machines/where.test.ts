import { Faults } from '@berth/server';
import test from 'ava';
import { parseSort } from './sort.js';
import { parseWhere } from './where.js';

function read(text: string) {
  const faults = new Faults();
  const filters = parseWhere(text, faults);
  return { filters, faults: faults.found.map(({ description }) => description) };
}

const OWNER = { field: 'owner', condition: { $case: 'equals', value: 'tony' } };
const STATE = { field: 'state', condition: { $case: 'equals', value: 'idle' } };

test('both syntaxes of Eve ask the same', (t) => {
  for (const text of [
    '{"owner": "tony", "state": "idle"}',
    '{"$and": [{"owner": "tony"}, {"state": {"$eq": "idle"}}]}',
    'owner=="tony" and state=="idle"',
    " owner == 'tony' AND state == 'idle' ",
  ]) {
    t.deepEqual(read(text), { filters: [OWNER, STATE], faults: [] }, text);
  }
  t.deepEqual(read('  '), { filters: [], faults: [] });
});

test('lists, ranges, beginnings and who has claimed it can be asked', (t) => {
  t.deepEqual(read('{"state": {"$in": ["idle", "pxe"]}, "height": {"$gte": 10, "$lt": 20}}').filters, [
    { field: 'state', condition: { $case: 'oneOf', value: ['idle', 'pxe'] } },
    { field: 'height', condition: { $case: 'range', value: { from: 10, until: 20 } } },
  ]);
  t.deepEqual(read('{"hostname": {"$regex": "^dut\\\\.a-"}, "_claimed_by": ""}').filters, [
    { field: 'hostname', condition: { $case: 'prefix', value: 'dut.a-' } },
    { field: 'claimed_by', condition: { $case: 'equals', value: '' } },
  ]);
  t.deepEqual(read('height>=10 and height<20 and on==True').filters, [
    { field: 'height', condition: { $case: 'range', value: { from: 10, until: 20 } } },
    { field: 'on', condition: { $case: 'equals', value: true } },
  ]);
});

test('texts of Python keep their quotes', (t) => {
  t.deepEqual(read(`owner=='it\\'s "me"'`).filters, [
    { field: 'owner', condition: { $case: 'equals', value: `it's "me"` } },
  ]);
});

test('what records cannot be asked is a fault that says what can be', (t) => {
  for (const [text, fault] of [
    ['{"owner": ', /^is no JSON; write \{"field": value\}/],
    ['{"$or": []}', /^has \$or, which records cannot be asked/],
    ['{"$and": ["x"]}', /^has "x" where an object is expected/],
    ['{"height": {"$gt": 3}}', /^has \$gt of height, which/],
    ['height > 3', /^has \$gt of height, which/],
    ['{"state": {"$in": "idle"}}', /without a list of values$/],
    ['{"hostname": {"$regex": "dut.*"}}', /more than a beginning/],
    ['{"hostname": {"$regex": "^dut\\\\d"}}', /more than a beginning/],
    ['{"_id": "rec-1"}', /read one record by its id at \/KIND\/ID/],
    ['{"_claimed": "ann"}', /^has _claimed; of what begins with '_' only _claimed_by can be asked$/],
    ['owner=="tony" or state=="idle"', /^cannot be read/],
    ['owner==tony', /^cannot be read/],
    ['owner', /^cannot be read/],
  ] as const) {
    const { filters, faults } = read(text);
    t.deepEqual(filters, [], text);
    t.is(faults.length, 1, text);
    t.regex(faults[0] ?? '', fault, text);
  }
});

test('a sort names one field, in the ways that Eve reads', (t) => {
  const faults = new Faults();
  const sorts = ['', 'hostname', '-hostname', '[("hostname", -1)]', '[["hostname", 1]]', '-_created'];
  t.deepEqual(
    sorts.map((text) => parseSort(text, faults)),
    ['', 'hostname', 'hostname desc', 'hostname desc', 'hostname', 'create_time desc'],
  );
  t.deepEqual(faults.found, []);
});

test('several fields, times that are not kept in order and nonsense are faults of the sort', (t) => {
  for (const [text, fault] of [
    ['hostname,-state', /several fields; records are sorted by one/],
    ['[("hostname", 1), ("state", -1)]', /several fields/],
    ['[("hostname", 2)]', /cannot be read/],
    ['_updated', /only _created can be sorted by/],
  ] as const) {
    const faults = new Faults();
    t.is(parseSort(text, faults), '', text);
    t.regex(faults.found[0]?.description ?? '', fault, text);
  }
});
