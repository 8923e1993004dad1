import test from 'ava';
import { inventoryFaults } from './inventory-faults.js';

test('line, column and path of a fault are told apart from its text', (t) => {
  const fields = [
    { field: 'pool.resources.r1.colour', description: "line 4, column 7: unknown key 'colour'" },
    { field: 'yaml', description: 'line 1, column 1: the file is empty' },
    { field: 'yaml', description: 'has 1000000 bytes; at most 921600 (900 KiB) are allowed' },
    { field: '', description: '… and 3 more' },
  ];
  t.deepEqual(inventoryFaults(fields), [
    { line: 4, column: 7, path: 'pool.resources.r1.colour', message: "unknown key 'colour'" },
    { line: 1, column: 1, path: '', message: 'the file is empty' },
    { path: '', message: 'has 1000000 bytes; at most 921600 (900 KiB) are allowed' },
    { path: '', message: '… and 3 more' },
  ]);
});
