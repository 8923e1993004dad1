import test from 'ava';
import { Journal } from './journal.js';

test('a rollback takes everything back, newest first', (t) => {
  const journal = new Journal();
  const map = new Map([['kept', 1]]);
  const target = { value: 'before' };
  const undone: string[] = [];
  journal.begin();
  journal.set(target, 'value', 'first');
  journal.set(target, 'value', 'second');
  journal.put(map, 'kept', 2);
  journal.put(map, 'new', 3);
  journal.delete(map, 'kept');
  journal.delete(map, 'never there');
  for (const what of ['a', 'b'])
    journal.run(
      () => undefined,
      () => undone.push(what),
    );
  t.deepEqual([target.value, [...map]], ['second', [['new', 3]]]);
  journal.rollback();
  t.deepEqual([target.value, [...map]], ['before', [['kept', 1]]]);
  t.deepEqual(undone, ['b', 'a']);
  t.false(journal.open);
});

test('a rewind goes back to its mark only', (t) => {
  const journal = new Journal();
  const target = { value: 0 };
  journal.begin();
  journal.set(target, 'value', 1);
  const mark = journal.mark();
  journal.set(target, 'value', 2);
  journal.rewind(mark);
  t.is(target.value, 1);
  journal.set(target, 'value', 3);
  journal.rollback();
  t.is(target.value, 0);
});

test('outside a draft nothing can be taken back', (t) => {
  const journal = new Journal();
  const target = { value: 0 };
  journal.set(target, 'value', 1);
  t.throws(() => {
    journal.rollback();
  });
  journal.begin();
  t.throws(() => {
    journal.begin();
  });
  journal.rollback();
  t.is(target.value, 1);
});
