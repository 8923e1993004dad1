import test from 'ava';
import { labOf, parentOf, rootOf } from './names.js';

test('a name tells root, parent and lab', (t) => {
  const told = (name: string) => [rootOf(name), parentOf(name), labOf(name)];
  t.deepEqual(told('default'), ['default', undefined, undefined]);
  t.deepEqual(told('default/spark'), ['default', 'default', undefined]);
  t.deepEqual(told('default/spark/w'), ['default', 'default/spark', undefined]);
  t.deepEqual(told('lab/x'), ['lab/x', undefined, 'x']);
  t.deepEqual(told('lab/x/y'), ['lab/x', 'lab/x', 'x']);
  t.deepEqual(told('labour/x'), ['labour', 'labour', undefined]);
  t.deepEqual(told('lab'), ['lab', undefined, undefined]);
});
