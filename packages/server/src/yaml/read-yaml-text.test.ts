import test from 'ava';
import { readYamlText } from './read-yaml-text.js';
import { parseYamlText } from './yaml-file.js';

function anyText(): undefined {
  return undefined;
}

test('a mapping is read entry by entry, and each fault has its place and path', (t) => {
  const text = 'name: x\ncolor: red\nsizes: [1, a]\nname: y\n';
  const { value, faults } = readYamlText(text, {}, (reader, root) => {
    const entries = reader.map(root, 'a mapping', ['name', 'colour', 'sizes']);
    const sizes = entries.find(({ key }) => key === 'sizes')?.value ?? root;
    return reader.list(sizes, 'a list').map((size) => reader.number(size, anyText));
  });
  t.is(value, undefined);
  t.deepEqual(
    faults.map(({ place, path, what }) => [place?.line, place?.column, path, what]),
    [
      [2, 1, 'color', "unknown key 'color'; did you mean 'colour'? Allowed here: name, colour, sizes"],
      [4, 1, 'name', "'name' stands twice, first in line 1; remove one, or rename it"],
      [3, 12, 'sizes[1]', 'is the text "a"; a whole number is expected'],
    ],
  );
});

test('a text without faults gives its value; one with nothing in it has no root', (t) => {
  const read = (text: string) => readYamlText(text, {}, (reader, { node }) => node !== undefined && reader.faults);
  t.deepEqual(read('a: 1'), { value: [], faults: [] });
  t.deepEqual(read('# nothing'), { value: false, faults: [] });
});

test('a text that is too large is refused unread, with what to do instead', (t) => {
  const hints = { bytes: ': cut it', documents: '' };
  const { faults } = readYamlText('x'.repeat(1025), { maxBytes: 1024, hints }, anyText);
  t.deepEqual(faults, [{ path: '', what: 'has 1025 bytes; at most 1024 (1 KiB) are allowed: cut it' }]);
});

test('values know where they stand, also behind an alias', (t) => {
  const { value, locate } = parseYamlText('a: &x\n  b: [1, { c: 2 }]\nd: *x\n', 'f.yaml');
  const a = { b: [1, { c: 2 }] };
  t.deepEqual(value, { a, d: a });
  t.deepEqual(
    [[], ['a'], ['a', 'b'], ['a', 'b', 1, 'c'], ['d', 'b', 0], ['a', 'none', 'deeper'], ['none']].map(locate),
    ['f.yaml:1:1', 'f.yaml:1:1', 'f.yaml:2:3', 'f.yaml:2:12', 'f.yaml:2:7', 'f.yaml:1:1', 'f.yaml:1:1'],
  );
});

test('aliases within aliases, and one that contains itself, are faults and no end of the process', (t) => {
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}, *l${i}]`);
  const bomb = parseYamlText(`l0: &l0 [${'x'.repeat(1000)}]\n${levels.join('\n')}\n`, 'f.yaml');
  t.deepEqual(
    bomb.faults.map(({ where, message }) => `${where}: ${message}`),
    ['f.yaml: the file grows too large when its aliases (*name) are resolved; write less by alias'],
  );
  t.is(bomb.value, undefined);
  const [fault] = parseYamlText('a: &a { b: *a, c: *a }\n', 'f.yaml').faults;
  t.is(fault?.message, 'too many levels of nesting');
});

test('a mapping takes over the entries of others by <<, its own first, and knows where they stand', (t) => {
  const options = { mergeKeys: true };
  const text =
    'a: &a { x: 1, y: { z: 1 } }\nb: &b\n  <<: *a\n  x: 2\nc:\n  w: 0\n  <<: [*b, { v: 5, w: 9 }]\nd: { "<<": 1 }\n';
  const { value, faults, locate } = parseYamlText(text, 'f.yaml', options);
  t.deepEqual(faults, []);
  const y = { z: 1 };
  t.deepEqual(value, { a: { x: 1, y }, b: { x: 2, y }, c: { w: 0, x: 2, y, v: 5 }, d: { '<<': 1 } });
  t.deepEqual(
    [
      ['b', 'x'],
      ['b', 'y', 'z'],
      ['c', 'x'],
      ['c', 'v'],
    ].map(locate),
    ['f.yaml:4:3', 'f.yaml:1:20', 'f.yaml:4:3', 'f.yaml:7:14'],
  );
  t.deepEqual(parseYamlText('a: { <<: 1 }\n', 'f.yaml').value, { a: { '<<': 1 } }, 'only where that is wanted');
});

test('what << cannot take over is a fault, and so is a mapping that takes over itself', (t) => {
  const faultsOf = (text: string) =>
    parseYamlText(text, 'f.yaml', { mergeKeys: true }).faults.map(({ where, message }) => `${where}: ${message}`);
  const expected = 'after << a mapping, or a list of such, is expected, as in <<: *name';
  t.deepEqual(faultsOf('a: { <<: x }\n'), [`f.yaml:1:10: is the text "x"; ${expected}`]);
  t.deepEqual(faultsOf('a: { <<: [{}, 1] }\n'), [`f.yaml:1:15: is the number 1; ${expected}`]);
  t.deepEqual(faultsOf('a: { <<: *b }\n'), ['f.yaml:1:10: alias *b has no anchor &b before it']);
  t.is(faultsOf('a: &a { b: 1, <<: *a }\n').at(-1), 'f.yaml:1:19: too many levels of nesting');
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} { <<: [*l${i}, *l${i}, *l${i}] }`);
  t.regex(faultsOf(`l0: &l0 { a: 1 }\n${levels.join('\n')}\n`).at(-1) ?? '', /grows too large when its aliases/);
});

test('nesting is bounded before anything is composed', (t) => {
  for (const text of ['['.repeat(900_000), '{a: '.repeat(200_000)])
    t.is(parseYamlText(text, 'f.yaml').faults[0]?.message, 'too many levels of nesting');
});
