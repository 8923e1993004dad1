import { requirePyYaml } from '@berth/testkit';
import test from 'ava';
import fc from 'fast-check';
import { Document, parse } from 'yaml';
import { yamlText } from './yaml-text.js';

const OTHERWISE = (
  '52:54:05:00:23:48 12:30 -1:30 1:30.5 1_000 1,000 0b11 0o17 017 0x1f -0x1F_0 1. .5 1.5e3 1e3 1.5e+3 ._1 .inf -.INF .NaN ' +
  'y N yes No ON off true FALSE null ~ = << 2026-11-26 2026-1-2T03:04:05Z 2026-01-02x'
).split(' ');
const BREAKS = ['a\u0085b', 'a\u2028b', '\u2029', '\ufeffa', 'a\u007f', '\u0080', 'a\rb\r\n', '\u001b[31m', '\ufffe'];
const PLAIN = ['127.0.0.1:4567', '52:54:00:ab:23:48', 'b1', 'a b', '1.2.3', 'x86_64', 'nope', '/dev/tty1', 'NOTE'];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => !/[\ud800-\udfff]/.test(one)),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789:._-+,exobTZ \n\t\u0085\u2028~=<yn')), maxLength: 12 }),
  fc.constantFrom(...OTHERWISE, ...BREAKS, ...PLAIN),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, text, tie('list'), tie('map')),
  list: fc.array(tie('any'), { maxLength: 3 }),
  map: fc.dictionary(
    text.filter((one) => one !== '__proto__'),
    tie('any'),
    { maxKeys: 3 },
  ),
})).any;

/** Every text of these characters, of one to `length` of them. */
function every(characters: string, length: number): string[] {
  if (length === 0) return [];
  const shorter = every(characters, length - 1);
  return Array.from(characters).flatMap((first) => [first, ...shorter.map((rest) => first + rest)]);
}
const SHORT = every(' \n\ta#:-', 5);

function write(written: unknown): string {
  return yamlText(new Document(written, { aliasDuplicateObjects: false }));
}

test('texts that YAML 1.1 reads otherwise are quoted, others are not', (t) => {
  for (const one of [...OTHERWISE, ...BREAKS]) t.regex(write(one), /^["']/, one);
  for (const one of PLAIN) t.is(write(one), `${one}\n`);
  t.is(write('a\u0085b\u2028c'), '"a\\u0085b\\u2028c"\n');
});

test('what is written is read back by YAML 1.2', (t) => {
  fc.assert(
    fc.property(value, (written) => {
      t.deepEqual(parse(write(written)), written);
    }),
  );
  t.deepEqual(
    SHORT.filter((one) => (parse(write([{ one }])) as [{ one: string }])[0].one !== one),
    [],
  );
});

const pyYaml = requirePyYaml(test);
if (pyYaml !== undefined) {
  test('what is written is read back by PyYAML, by YAML 1.1', (t) => {
    const written = [...OTHERWISE, ...BREAKS, ...PLAIN, ...SHORT, ...fc.sample(value, 1_000)].map((one) => ({ one }));
    const read = pyYaml(written.map(write));
    written.forEach((one, index) => {
      t.deepEqual(read[index], one, write(one));
    });
  });
}
