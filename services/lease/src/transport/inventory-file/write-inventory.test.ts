import { MAX_WEIGHT, propertyValueFault } from '@berth/server';
import test from 'ava';
import fc from 'fast-check';
import type { BenchSpec } from '../../domain/index.js';
import { parseInventory } from './inventory-yaml.js';
import { writeInventory } from './write-inventory.js';

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,12}$/),
  fc.constantFrom('true', 'null', '12', '012', '1.0', '0x1F', 'y', 'constructor', 'a.b/c'),
);
const attribute = fc.record({
  name: fc.oneof(
    fc.stringMatching(/^[^\s,[\]&=\p{Cc}]{1,8}$/u),
    fc.constantFrom('12', 'true', '~', '*x', '#a', '{a', '"', "'"),
  ),
  weight: fc.oneof(fc.constant(0), fc.integer({ min: -MAX_WEIGHT, max: MAX_WEIGHT })),
});
const attributes = fc.uniqueArray(attribute, { selector: (one) => one.name, maxLength: 4 });
const line = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('12', 'yes', 'null', '1e3', '- a', 'a: b', '@x', '%a', '---'),
  )
  .map((text) => text.replace(/\p{Cc}/gu, '').trim());
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => propertyValueFault(text) === undefined),
  line,
  fc.constantFrom('a\nb\n', '\n', ' a', 'a\t', '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n'),
);
const bench: fc.Arbitrary<BenchSpec> = fc.record(
  {
    name,
    location: line,
    attributes,
    entities: fc.dictionary(name, fc.record({ attributes, properties: fc.dictionary(name, value, { maxKeys: 3 }) }), {
      maxKeys: 3,
    }),
    properties: fc.dictionary(name, value, { maxKeys: 3 }),
    labels: fc.dictionary(name, line, { maxKeys: 3 }),
    affinity: line,
    recycle: fc.constant<'CLEAN'>('CLEAN'),
  },
  { requiredKeys: ['name', 'location', 'attributes', 'entities', 'properties', 'labels', 'affinity'] },
);
const benches = fc.uniqueArray(bench, { selector: (one) => one.name, maxLength: 4 });

function byName(a: BenchSpec, b: BenchSpec): number {
  return a.name < b.name ? -1 : 1;
}

/** Without the null prototypes that fast-check gives to dictionaries. */
function plain<T>(of: T): T {
  return structuredClone(of);
}

test('an inventory survives being written and read again', (t) => {
  fc.assert(
    fc.property(line, benches, (title, list) => {
      const text = writeInventory({ name: title, benches: list }, true);
      const expected = { name: title, benches: plain(list).sort(byName) };
      const read = parseInventory(text);
      t.deepEqual({ ...read, benches: [...read.benches].sort(byName) }, expected, text);
    }),
    { numRuns: 300 },
  );
});

test('the text does not depend on the order in which things are given', (t) => {
  fc.assert(
    fc.property(benches, (list) => {
      const turned = list
        .map((one) => ({ ...one, labels: Object.fromEntries(Object.entries(one.labels).reverse()) }))
        .reverse();
      t.is(writeInventory({ name: 'x', benches: turned }, true), writeInventory({ name: 'x', benches: list }, true));
    }),
    { numRuns: 50 },
  );
});

test('the text is what a person would write', (t) => {
  const spec: BenchSpec = {
    name: 'resource1',
    location: 'office1',
    attributes: [
      { name: 'a', weight: 0 },
      { name: 'b', weight: 5 },
    ],
    entities: { dut: { attributes: [{ name: 'e', weight: 0 }], properties: { socket: '127.0.0.1:4567', port: '22' } } },
    properties: { key: 'k' },
    labels: {},
    affinity: '',
  };
  t.is(
    writeInventory({ name: 'default', benches: [spec] }, true),
    `pool:
  name: default
  resources:
    resource1:
      attributes: [ a, { name: b, weight: 5 } ]
      location: office1
      properties:
        key: k
      entities:
        dut:
          attributes: [ e ]
          properties:
            port: "22"
            socket: 127.0.0.1:4567
`,
  );
  t.is(
    writeInventory({ name: 'default', benches: [spec] }, false),
    `# Without properties: only operators see them. Applying this file would remove those that are there.

pool:
  name: default
  resources:
    resource1:
      attributes: [ a, { name: b, weight: 5 } ]
      location: office1
      entities:
        dut:
          attributes: [ e ]
`,
  );
});

test('texts that YAML 1.1 reads otherwise are quoted', (t) => {
  const properties = { mac: '52:54:05:00:23:48', no: '12:30', odd: 'a\u0085b' };
  const inventory = {
    name: 'lab',
    benches: [{ name: '1_0', location: 'no', properties, entities: {}, labels: {}, affinity: '', attributes: [] }],
  };
  t.regex(
    writeInventory(inventory, true),
    /"1_0":\n {6}location: "no"\n {6}properties:\n {8}mac: "52:54:05:00:23:48"\n {8}"no": "12:30"\n {8}odd: "a\\u0085b"\n/,
  );
});
