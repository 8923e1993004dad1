import { requirePyYaml } from '@berth/testkit';
import test from 'ava';
import fc from 'fast-check';
import { parse, stringify } from './yaml.js';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }).filter((one) => !/[\ud800-\udfff]/.test(one)),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789:._-+,exo \n\t\u0085\u2028~=<yn')), maxLength: 12 }),
  fc.constantFrom(
    '52:54:05:00:23:48',
    '12:30',
    'no',
    '1_000',
    '2026-11-26',
    'a\u0085b',
    'a\u2028b',
    ' \n',
    '\n  a\nb',
    'word '.repeat(30),
  ),
);
const rows = fc.sample(
  fc.array(
    fc.dictionary(
      texts.filter((key) => key !== '__proto__'),
      texts,
    ),
    { maxLength: 3 },
  ),
  300,
);

test('what -o yaml writes is read back by YAML 1.2', (t) => {
  for (const row of rows) t.deepEqual(parse(stringify(row)), row);
  t.is(
    stringify({ mac: '52:54:05:00:23:48', socket: '127.0.0.1:4567' }),
    'mac: "52:54:05:00:23:48"\nsocket: 127.0.0.1:4567\n',
  );
});

const pyYaml = requirePyYaml(test);
if (pyYaml !== undefined) {
  test('what -o yaml writes is read back by PyYAML, by YAML 1.1', (t) => {
    const read = pyYaml(rows.map(stringify));
    rows.forEach((row, index) => {
      t.deepEqual(read[index], row, stringify(row));
    });
  });
}
