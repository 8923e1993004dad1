import test from 'ava';
import { ifMatch, isUnchanged } from './etags.js';

test('If-Match names etags with quotes or without, one or several', (t) => {
  t.deepEqual(ifMatch('"a1"'), ['a1']);
  t.deepEqual(ifMatch('a1'), ['a1']);
  t.deepEqual(ifMatch(' "a1", "b,2" , c3'), ['a1', 'b,2', 'c3']);
});

test('no etag, and any etag, are not the one that was seen', (t) => {
  for (const header of [undefined, '', ' ', '*']) t.is(ifMatch(header), undefined);
});

test('a weak etag is never that of If-Match', (t) => {
  t.deepEqual(ifMatch('W/"a1"'), []);
  t.deepEqual(ifMatch('W/"a1", "b2"'), ['b2']);
});

test('If-None-Match finds what is unchanged, also by a weak etag', (t) => {
  for (const header of ['"a1"', 'a1', 'W/"a1"', '"x", "a1"', '*']) t.true(isUnchanged(header, 'a1'), header);
  for (const header of [undefined, '"a"', '"a11"', 'W/"b2"', '""']) t.false(isUnchanged(header, 'a1'));
});
