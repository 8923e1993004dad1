import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { DESIGN_INVENTORY } from '../lab-server.fixture.js';
import { parseInventory } from './inventory-yaml.js';

function plain(...names: string[]): { name: string; weight: number }[] {
  return names.map((name) => ({ name, weight: 0 }));
}

/** The faults, each as `path @ description`. */
function faultsOf(t: ExecutionContext, text: string): string[] {
  const error = t.throws(() => parseInventory(text), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_INVENTORY');
  return (error.details.fields ?? []).map(({ field, description }) => `${field} @ ${description}`);
}

/** A file with these lines under `pool.resources.r1`, which is line 3. */
function bench(...lines: string[]): string {
  return ['pool:', '  resources:', '    r1:', ...lines.map((line) => `      ${line}`)].join('\n');
}

test('the inventory of the design page is read as it stands', (t) => {
  t.deepEqual(parseInventory(DESIGN_INVENTORY), {
    name: 'software update testbenches',
    benches: [
      {
        name: 'resource1',
        location: 'office1',
        attributes: plain('a', 'b'),
        entities: {
          programmer: { attributes: plain('c', 'd'), properties: { socket: '127.0.0.1:1234', api_key: 'xyz' } },
          dut: { attributes: plain('e', 'f'), properties: { socket: '127.0.0.1:4567', api_key: 'foobar' } },
        },
        properties: {},
        labels: {},
        affinity: '',
      },
    ],
  });
});

test('a bench that is cleaned after each lease says so, and nothing else is known', (t) => {
  t.is(parseInventory(bench('recycle: clean')).benches[0]?.recycle, 'CLEAN');
  t.false('recycle' in (parseInventory(bench('location: l')).benches[0] ?? t.fail()));
  t.deepEqual(faultsOf(t, bench('recycle: wash')), [
    'pool.resources.r1.recycle @ line 4, column 16: is "wash"; write clean, or leave it out',
  ]);
});

test('weights, labels, properties and affinity of a bench are read', (t) => {
  const text = bench(
    'attributes: [a, { name: b, weight: -5 }]',
    'labels: { os: linux }',
    'properties: { k: v }',
    'affinity: team1',
  );
  const [read] = parseInventory(text).benches;
  t.deepEqual(read?.attributes, [...plain('a'), { name: 'b', weight: -5 }]);
  t.deepEqual([read?.labels, read?.properties, read?.affinity], [{ os: 'linux' }, { k: 'v' }, 'team1']);
});

test('numbers and booleans of properties and labels are taken as they are written', (t) => {
  const [read] = parseInventory(
    bench('properties: { port: 022, hex: 0x1F, on: true, v: 1.10 }', 'labels: { rev: 3 }'),
  ).benches;
  t.deepEqual(read?.properties, { port: '022', hex: '0x1F', on: 'true', v: '1.10' });
  t.deepEqual(read?.labels, { rev: '3' });
});

test('names may look like numbers, and aliases may be used', (t) => {
  const text =
    'pool:\n  resources:\n    12: &x { attributes: [a], properties: &p { k: v } }\n    13: *x\n    14: { properties: *p }\n';
  const { benches } = parseInventory(text);
  t.deepEqual(
    benches.map(({ name }) => name),
    ['12', '13', '14'],
  );
  t.deepEqual(benches[1]?.attributes, plain('a'));
  t.deepEqual(benches[2]?.properties, { k: 'v' });
});

test('an inventory of no benches must say so', (t) => {
  t.deepEqual(parseInventory('pool:\n  resources: {}\n').benches, []);
  t.deepEqual(faultsOf(t, 'pool:\n  resources:\n'), [
    "pool.resources @ line 2, column 13: is empty; a mapping of benches by name ('{}' for none) is expected",
  ]);
});

test('every fault is told, with line, column and path, and what is allowed', (t) => {
  const text = bench('attributes: ["a,b", 7]', 'location: 12', 'colour: red', 'entities:', '  dut: [e]');
  t.deepEqual(faultsOf(t, text), [
    `pool.resources.r1.colour @ line 6, column 7: unknown key 'colour'. Allowed here: attributes, location, entities, properties, labels, affinity, recycle`,
    'pool.resources.r1.location @ line 5, column 17: is the number 12; a text is expected; write it in quotes: "12"',
    `pool.resources.r1.attributes[0] @ line 4, column 20: is "a,b"; an attribute has no comma, bracket, '&', '=' or white space`,
    'pool.resources.r1.attributes[1] @ line 4, column 27: is the number 7; a text is expected; write it in quotes: "7"',
    'pool.resources.r1.entities.dut @ line 8, column 14: is a list; a mapping (attributes, properties) is expected',
  ]);
  const error = t.throws(() => parseInventory(text), { instanceOf: BerthError });
  t.true(
    error.message.startsWith(
      'the inventory has 5 faults, and nothing was changed:\n  line 6, column 7, pool.resources.r1.colour: unknown key',
    ),
  );
});

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'an empty file',
    '',
    [
      'yaml @ line 1, column 1: the file is empty; write at least\npool:\n  resources:\n    bench1:\n      attributes: [a]',
    ],
  ],
  [
    'a file of comments',
    '# nothing\n',
    [
      'yaml @ line 1, column 1: the file is empty; write at least\npool:\n  resources:\n    bench1:\n      attributes: [a]',
    ],
  ],
  ['a list', '- a', ["yaml @ line 1, column 1: is a list; a mapping with the key 'pool' is expected"]],
  ['a text', 'hello', [`yaml @ line 1, column 1: is the text "hello"; a mapping with the key 'pool' is expected`]],
  [
    'another key than pool',
    'pools: {}',
    ["pools @ line 1, column 1: unknown key 'pools'; did you mean 'pool'? Allowed here: pool"],
  ],
  [
    'a pool without resources',
    'pool: { name: x }',
    ["pool @ line 1, column 1: 'resources' is missing; write the benches under it ('resources: {}' for none)"],
  ],
  [
    'a mistyped key',
    bench('atributes: [a]'),
    [
      "pool.resources.r1.atributes @ line 4, column 7: unknown key 'atributes'; did you mean 'attributes'? Allowed here: attributes, location, entities, properties, labels, affinity, recycle",
    ],
  ],
  [
    'a bench twice',
    'pool:\n  resources:\n    r1: {}\n    "r1": {}',
    ["pool.resources.r1 @ line 4, column 5: 'r1' stands twice, first in line 3; remove one, or rename it"],
  ],
  [
    'a bench with no value',
    'pool:\n  resources:\n    r1:\n',
    [
      "pool.resources.r1 @ line 3, column 8: is empty; a mapping ('{}' for a bench with nothing but its name) is expected",
    ],
  ],
  [
    'a bad name',
    'pool:\n  resources:\n    -a b: {}',
    [
      `pool.resources["-a b"] @ line 3, column 5: the bench's name is "-a b"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
    ],
  ],
  [
    'a name that is a list',
    'pool:\n  resources:\n    ? [a]\n    : {}',
    ['pool.resources @ line 3, column 7: a key is not a plain name; write it as text'],
  ],
  [
    'attributes that are a text',
    bench('attributes: a'),
    ['pool.resources.r1.attributes @ line 4, column 19: is the text "a"; a list such as [a, b] is expected'],
  ],
  [
    'an attribute twice',
    bench('attributes: [a, a]'),
    ["pool.resources.r1.attributes[1] @ line 4, column 23: attribute 'a' stands twice; remove one"],
  ],
  [
    'a weight that is no number',
    bench('attributes: [{ name: a, weight: x }]'),
    ['pool.resources.r1.attributes[0].weight @ line 4, column 39: is the text "x"; a whole number is expected'],
  ],
  [
    'a weight out of range',
    bench('attributes: [{ name: a, weight: 1.5 }]'),
    [
      'pool.resources.r1.attributes[0].weight @ line 4, column 39: is 1.5; allowed are whole numbers from -1000000 to 1000000',
    ],
  ],
  [
    'an attribute without name',
    bench('attributes: [{ weight: 1 }]'),
    ["pool.resources.r1.attributes[0] @ line 4, column 20: 'name' is missing; write { name: a, weight: 1 }"],
  ],
  [
    'a property that is a list',
    bench('properties: { k: [1] }'),
    ['pool.resources.r1.properties.k @ line 4, column 24: is a list; a text is expected'],
  ],
  [
    'an alias without anchor',
    bench('location: *nowhere'),
    [
      'pool.resources.r1.location @ line 4, column 17: alias *nowhere has no anchor &nowhere before it',
      'pool.resources.r1.location @ line 4, column 17: is empty; a text is expected',
    ],
  ],
  ['YAML that is none', 'pool:\n\tresources: {}', ['yaml @ line 2, column 1: Tabs are not allowed as indentation']],
  [
    'two documents',
    'pool: { resources: {} }\n---\npool: { resources: {} }\n',
    ['yaml @ line 2, column 1: a second document begins; a file has one (write all of it under one pool:)'],
  ],
  ['an unknown tag', bench('location: !secret x'), ['yaml @ line 4, column 17: Unresolved tag: !secret']],
];

for (const [what, text, faults] of cases) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(faultsOf(t, text), faults);
  });
}

test('a file over 900 KiB is refused unread', (t) => {
  const [fault] = faultsOf(t, `# ${'x'.repeat(900 * 1024)}`);
  t.is(fault, 'yaml @ has 921602 bytes; at most 921600 (900 KiB) are allowed: apply it in parts, without prune');
});

test('deep nesting is refused before it can exhaust the stack', (t) => {
  for (const text of ['['.repeat(900_000), '{a: '.repeat(200_000), '- '.repeat(400_000), '? '.repeat(400_000)]) {
    const [fault] = faultsOf(t, text);
    t.regex(fault ?? '', /^yaml @ line 1, column \d+: too many levels of nesting$/);
  }
});

test('aliases cannot make a small file stand for a huge inventory', (t) => {
  const attributes = Array.from({ length: 200 }, (_, i) => `attribute-${String(i).padStart(60, '0')}`).join(', ');
  const copies = Array.from({ length: 4000 }, (_, i) => `    b${String(i)}: *x`).join('\n');
  const text = `pool:\n  resources:\n    a: &x { attributes: [${attributes}] }\n${copies}\n`;
  t.deepEqual(faultsOf(t, text), [
    'yaml @ the file grows too large when its aliases (*name) are resolved; write less by alias',
  ]);
});

test('an alias that contains itself is refused', (t) => {
  const [fault] = faultsOf(t, 'pool:\n  resources: &x\n    r1: *x\n');
  t.regex(fault ?? '', /unknown key 'r1'/);
});
