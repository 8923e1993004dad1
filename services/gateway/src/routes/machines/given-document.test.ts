import { FieldType, type Kind } from '@berth/client';
import { Faults } from '@berth/server';
import test from 'ava';
import { readBody } from '../raw-body.js';
import { documentOfBody, documentsOf, fieldsOf, withDefaults } from './given-document.js';

const RACKS: Kind = {
  name: 'racks',
  description: '',
  builtIn: false,
  nameField: 'name',
  fields: [
    field('name', FieldType.STRING),
    field('height', FieldType.NUMBER, '42'),
    field('locked', FieldType.BOOLEAN),
    field('labels', FieldType.STRINGS),
  ],
};

function field(name: string, type: FieldType, defaultJson = ''): Kind['fields'][number] {
  const rules = { required: false, unique: false, allowed: [], pattern: '', description: '', ignoreCase: false };
  return { name, type, defaultJson, ...rules };
}

function documents(text: string) {
  const faults = new Faults();
  const read = documentsOf(readBody(text), RACKS, faults);
  return { read, faults: faults.found };
}

test('a body is one document or a list of them', (t) => {
  t.deepEqual(documents('{"name": "r1"}'), { read: { one: { name: 'r1' } }, faults: [] });
  t.deepEqual(documents('[{"name": "r1"}, {}]'), { read: { list: [{ name: 'r1' }, {}] }, faults: [] });
});

test('the texts of a form get the types of the fields', (t) => {
  t.deepEqual(documents('name=7&height=40&locked=true&labels=a').read, {
    one: { name: '7', height: 40, locked: true, labels: ['a'] },
  });
  t.deepEqual(documents('labels=a&labels=b&height=tall&locked=maybe').read, {
    one: { labels: ['a', 'b'], height: 'tall', locked: 'maybe' },
  });
});

test('what is no document is a fault that names its place', (t) => {
  t.deepEqual(
    documents('[{"name": "r1"}, 7, null]').faults.map(({ field: path }) => path),
    ['records[1]', 'records[2]'],
  );
  const text = new Faults();
  documentsOf(readBody('"r1"', 'application/json'), RACKS, text);
  t.regex(text.found[0]?.description ?? '', /must be a JSON object/);
  t.is(documents('').faults.length, 1);
  const faults = new Faults();
  t.deepEqual(documentOfBody(readBody('[{}]'), RACKS, faults), {});
  t.regex(faults.found[0]?.description ?? '', /is a list; send one object/);
});

test('what Berth gives is left out of a document that is sent back, and its id stays', (t) => {
  const sent = { name: 'r1', _id: 'rec-1', _etag: '1', _created: 'x', _updated: 'x', _links: {}, _status: 'OK' };
  t.deepEqual(fieldsOf(sent, 'rec-1'), { name: 'r1' });
  t.deepEqual(fieldsOf({ _odd: 1 }), { _odd: 1 });
  const changed = t.throws(() => fieldsOf({ _id: 'rec-2' }, 'rec-1'));
  t.is(changed.message, 'record.fields._id: is "rec-2"; that of the record is rec-1, and stays');
  t.throws(() => fieldsOf({ _id: 'rec-2' }, undefined, 'records[3]'), {
    message: /^records\[3\]\.fields\._id: is "rec-2"; leave it out/,
  });
});

test('a replacement has the defaults of what it does not name', (t) => {
  t.deepEqual(withDefaults(RACKS, { name: 'r1' }), { name: 'r1', height: 42 });
  t.deepEqual(withDefaults(RACKS, { name: 'r1', height: 7 }), { name: 'r1', height: 7 });
});
