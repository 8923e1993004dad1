import test from 'ava';
import { differingField, fieldMarks } from './field-marks.js';

/** Field 1 = 'ab', field 3 = 150, field 20 = 1. */
const MESSAGE = [0x0a, 2, 0x61, 0x62, 0x18, 0x96, 1, 0xa0, 1, 1];

test('of two messages the first field that differs is found, also one that only one of them has', (t) => {
  const marksOf = (bytes: readonly number[], asker = 'ann'): string => fieldMarks(asker, Uint8Array.from(bytes));
  const marks = marksOf(MESSAGE);
  t.is(marks.length, 12);
  t.is(differingField(marks, marksOf(MESSAGE)), undefined);
  t.is(differingField(marks, marksOf(MESSAGE.with(2, 0x63))), 1);
  t.is(differingField(marks, marksOf(MESSAGE.with(5, 0x97))), 3);
  t.is(differingField(marksOf(MESSAGE.slice(0, 7)), marks), 20);
  t.is(differingField(marks, marksOf([])), 1);
  t.is(differingField(marks, marksOf(MESSAGE, 'bob')), 0);
});

test('all entries of a field that is repeated count', (t) => {
  const [one, other] = [
    [0x0a, 1, 0x61, 0x0a, 1, 0x62],
    [0x0a, 1, 0x61, 0x0a, 1, 0x63],
  ].map((bytes) => fieldMarks('', Uint8Array.from(bytes)));
  t.is(one?.length, 6);
  t.is(differingField(one ?? '', other ?? ''), 1);
});
