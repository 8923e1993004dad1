import test from 'ava';
import fc from 'fast-check';
import { jsonFault, placeOf } from './json-fault.js';

const RUNS = { numRuns: 3000 };

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON in which something was cut out or put in. */
const nearlyJson = fc
  .tuple(
    fc.json(),
    fc.nat(200),
    fc.nat(3),
    fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '0', '-', '.', 'e', 'x', ' ', '\n', '\\', '1 2'),
  )
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

test('a text has a fault exactly when JSON.parse refuses it', (t) => {
  let refused = 0;
  fc.assert(
    fc.property(nearlyJson, (text) => {
      const found = jsonFault(text);
      if (parses(text)) return found === undefined || found.fault.includes('twice');
      refused += 1;
      return found !== undefined && found.offset <= text.length;
    }),
    RUNS,
  );
  t.true(refused > RUNS.numRuns / 10, `only ${String(refused)} texts were wrong`);
});

test('what stands before a fault could have gone on to be JSON', (t) => {
  fc.assert(
    fc.property(nearlyJson, (text) => {
      const found = jsonFault(text);
      if (found === undefined || found.fault.includes('twice')) return;
      // The fault of the beginning alone is at its end: nothing in it was wrong.
      const before = text.slice(0, found.offset);
      t.true(parses(before) || jsonFault(before)?.offset === before.length, JSON.stringify(text));
    }),
    RUNS,
  );
});

test('faults are told with their place', (t) => {
  const faultOf = (text: string): string => {
    const found = jsonFault(text);
    if (found === undefined) return 'none';
    const { line, column } = placeOf(text, found.offset);
    return `${String(line)}:${String(column)} ${found.fault}`;
  };
  t.is(faultOf('{"a": 1}'), 'none');
  t.is(faultOf('{a: 1}'), `1:2 found 'a: 1}' instead of a field's name in double quotes, or }`);
  t.is(faultOf('{"a": 1,\n "b" 2}'), `2:6 found '2}' instead of ":"`);
  t.is(faultOf('{"a": 1,\n}'), `2:1 found '}' instead of a field's name in double quotes`);
  t.is(faultOf('{"a": [1, 2}'), `1:12 found '}' instead of "," or the end of this object or list`);
  t.is(faultOf('{"a": tru}'), `1:7 found 'tru}' instead of a value`);
  t.is(faultOf('{"a": 01}'), `1:7 found '01}' instead of a value`);
  t.is(faultOf('{"a":'), '1:6 found the end instead of a value');
  t.is(faultOf('{"a": 1} {"a": 2}'), '1:10 a second value begins here; a request has one');
  t.is(faultOf('{"a": 1, "b": {"a": 2}, "\\u0061": 3}'), String.raw`1:25 the field "\u0061" is in this object twice`);
});
