import { FieldType, type Kind } from '@berth/client';
import test from 'ava';
import { UsageError } from '../program/usage-error.js';
import { fieldFilters } from './field-filter.js';

function field(name: string, type: FieldType): Kind['fields'][number] {
  const rest = { required: false, unique: false, allowed: [], pattern: '', defaultJson: '', description: '' };
  return { name, type, ...rest, ignoreCase: false };
}

const KIND: Kind = {
  name: 'machines',
  description: '',
  fields: [field('state', FieldType.STRING), field('cores', FieldType.NUMBER), field('spare', FieldType.BOOLEAN)],
  builtIn: false,
  nameField: 'state',
};

test('values get the type that the kind says', (t) => {
  t.deepEqual(fieldFilters(['state=7', 'cores=7', 'spare=true'], KIND), [
    { field: 'state', condition: { $case: 'equals', value: '7' } },
    { field: 'cores', condition: { $case: 'equals', value: 7 } },
    { field: 'spare', condition: { $case: 'equals', value: true } },
  ]);
});

test('the same field twice is one of both, a star at the end a prefix, bounds a range', (t) => {
  t.deepEqual(fieldFilters(['state=idle', 'state=in_use'], KIND), [
    { field: 'state', condition: { $case: 'oneOf', value: ['idle', 'in_use'] } },
  ]);
  t.deepEqual(fieldFilters(['state=pxe*'], KIND), [{ field: 'state', condition: { $case: 'prefix', value: 'pxe' } }]);
  t.deepEqual(fieldFilters(['cores>=4', 'cores<16'], KIND), [
    { field: 'cores', condition: { $case: 'range', value: { from: 4, until: 16 } } },
  ]);
});

test('a value may hold what separates, and be empty', (t) => {
  t.deepEqual(fieldFilters(['state=a=b<c', 'owner='], KIND), [
    { field: 'state', condition: { $case: 'equals', value: 'a=b<c' } },
    { field: 'owner', condition: { $case: 'equals', value: '' } },
  ]);
});

test('what is no condition is told with what may be written', (t) => {
  const error = t.throws(() => fieldFilters(['state'], KIND), { instanceOf: UsageError });
  t.regex(error.next ?? '', /field=value/);
});
