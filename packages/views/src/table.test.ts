import test from 'ava';
import { type Column, factsText, tableText } from './table.js';

const plain = { color: false, width: Infinity };

interface Row {
  readonly bench: string;
  readonly holder?: string;
  readonly what?: string;
}

const columns: Column<Row>[] = [
  { title: 'BENCH', text: ({ bench }) => bench },
  { title: 'HOLDER', text: ({ holder = '' }) => holder },
  { title: 'FOR', text: ({ what = '' }) => what },
];

test('columns are aligned, and those without a value are left out', (t) => {
  const rows = [{ bench: 'resource1' }, { bench: 'r2', holder: 'tony' }];
  t.is(tableText(rows, columns, plain), 'BENCH      HOLDER\nresource1\nr2         tony');
});

test('lines are cut to the terminal', (t) => {
  const rows = [{ bench: 'r1', holder: 'tony', what: 'a very long story' }];
  t.is(tableText(rows, columns, { color: false, width: 20 }).split('\n')[1], 'r1     tony    a ve…');
});

test("others' text cannot move the cursor", (t) => {
  const [, line = ''] = tableText([{ bench: 'r1\u001b[2J\nr2' }], columns, plain).split('\n');
  t.is(line, 'r1\\u001b[2J r2');
});

test('facts are aligned, and those without a value are left out', (t) => {
  t.is(
    factsText([
      ['name', 'r1'],
      ['affinity', ''],
      ['origin', 'inventory'],
    ]),
    'name    r1\norigin  inventory',
  );
});
