import test from 'ava';
import fc from 'fast-check';
import { literalStart, makeName, matchesPattern, patternFault } from './name-pattern.js';

const AT = new Date(2020, 3, 3, 12, 47, 56).getTime();

test('a name has the number with eight digits, and the local time', (t) => {
  const vm = { poolName: 'pool_random_numbers', number: 2, nowMs: AT };
  t.is(makeName('{pool_name}_{id}_{datetime}', vm), 'pool_random_numbers_00000002_20200403_124756');
  t.is(makeName('vm-{id}', { ...vm, number: 123_456_789 }), 'vm-123456789');
});

test('a pattern has known fields only, and the number among them', (t) => {
  t.is(patternFault('{pool_name}_{id}_{datetime}'), undefined);
  t.is(patternFault('vm-{date}-{id}'), "has '{date}'; the fields of a name are {pool_name}, {id}, {datetime}");
  for (const pattern of ['vm-{id', 'vm-}{id}', 'vm-{}{id}', '{{id}}', 'vm-{id!r}']) {
    t.regex(patternFault(pattern) ?? '', /^has '[^']+'; the fields/, pattern);
  }
  t.regex(patternFault('vm-{datetime}') ?? '', /^has no \{id\}/);
});

test('names begin with the pattern up to its first number or time', (t) => {
  t.is(literalStart('{pool_name}_{id}', 'a'), 'a_');
  t.is(literalStart('x-{pool_name}{datetime}-y{id}', 'a'), 'x-a');
  t.is(literalStart('{id}_{pool_name}', 'a'), '');
});

const text = fc.stringMatching(/^[A-Za-z0-9._/+^$(-]{0,6}$/);
const pattern = fc
  .array(fc.oneof(text, fc.constantFrom('{pool_name}', '{datetime}', '{id}')), { maxLength: 5 })
  .map((parts) => `${parts.join('')}{id}`);

test('a pattern takes each name that it makes, and none that differs by a letter', (t) => {
  const run = fc.property(
    pattern,
    fc.stringMatching(/^[a-z][a-z0-9._-]{0,5}$/),
    fc.integer({ min: 1, max: 2_000_000_000 }),
    fc.nat(),
    (given, poolName, number, at) => {
      t.is(patternFault(given), undefined);
      const name = makeName(given, { poolName, number, nowMs: AT });
      t.true(matchesPattern(given, poolName, name), name);
      t.true(name.startsWith(literalStart(given, poolName)));
      const place = at % (name.length + 1);
      t.false(matchesPattern(given, poolName, `${name.slice(0, place)}~${name.slice(place)}`), name);
      t.false(matchesPattern(given, poolName, `${name.slice(0, -1)}x`), name);
    },
  );
  fc.assert(run);
});

test('the names of a pool are not those of one whose name begins like it', (t) => {
  const other = makeName('{pool_name}_{id}_{datetime}', { poolName: 'vm_big', number: 1, nowMs: AT });
  t.false(matchesPattern('{pool_name}_{id}_{datetime}', 'vm', other));
  t.false(matchesPattern('{pool_name}_{id}', 'vm', 'vm_1234567'));
  t.false(matchesPattern('{pool_name}_{id}', 'v.', 'vm_12345678'));
  t.false(matchesPattern('vm_{id}', 'vm', 'vm_12345678\n'));
});
