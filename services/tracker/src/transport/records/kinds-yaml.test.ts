import test from 'ava';
import { readKinds } from './kinds-yaml.js';

test('a file of kinds gives fields with type, rules and default', (t) => {
  const { kinds, faults } = readKinds(
    `
kinds:
  racks:
    description: Where machines stand.
    fields:
      name: { required: true, unique: true, pattern: "r[0-9]+" }
      height: { type: number, default: 42 }
      room: { allowed: [north, south], default: north }
      uplink: { type: address }
      labels: { type: strings, default: [] }
`,
    'kinds.yaml',
  );
  t.deepEqual(faults, []);
  t.is(kinds[0]?.name, 'racks');
  t.false(kinds[0]?.builtIn);
  t.deepEqual(
    kinds[0]?.fields.map(({ name, type, required, unique, default: value }) => [name, type, required, unique, value]),
    [
      ['name', 'STRING', true, true, undefined],
      ['height', 'NUMBER', false, false, 42],
      ['room', 'STRING', false, false, 'north'],
      ['uplink', 'ADDRESS', false, false, undefined],
      ['labels', 'STRINGS', false, false, []],
    ],
  );
});

test('a unique host name ignores case unless the file says otherwise, and other fields where it says so', (t) => {
  const read = readKinds(
    `
kinds:
  switches:
    fields:
      hostname: { unique: true }
      fqdn: { unique: true, ignoreCase: false }
      host_name: {}
      label: { unique: true }
      asset: { ignoreCase: true }
      height: { type: number, ignoreCase: true }
`,
    'kinds.yaml',
  );
  t.deepEqual(
    read.kinds[0]?.fields.flatMap(({ name, ignoreCase = false }) => (ignoreCase ? name : [])),
    ['hostname', 'asset'],
  );
  t.deepEqual(
    read.faults.map(({ path, message }) => `${path} ${message}`),
    ['kinds.switches.fields.height.ignoreCase is for texts only'],
  );
});

test('an empty file has no kinds', (t) => {
  t.deepEqual(readKinds('# none yet\n', 'kinds.yaml').faults, []);
});

test('every fault is told with its line and column', (t) => {
  const { faults } = readKinds(
    `kinds:
  machines:
    fields:
      a: { type: text }
  Racks:
    colour: red
    fields: { b: { required: maybe } }
`,
    'kinds.yaml',
  );
  t.deepEqual(
    faults.map(({ where, path }) => `${where} ${path}`),
    [
      'kinds.yaml:4:12 kinds.machines.fields.a.type',
      'kinds.yaml:7:20 kinds.Racks.fields.b.required',
      'kinds.yaml:6:5 kinds.Racks.colour',
    ],
  );
  t.is(faults[2]?.message, 'there is no such setting. Allowed here: description, fields');
});

test('an unknown setting is told with the one that was most likely meant', (t) => {
  const { faults } = readKinds('kinds: { racks: { feilds: {}, fields: { a: { requird: true } } } }', 'kinds.yaml');
  t.deepEqual(faults.map(({ path, message }) => `${path}: ${message.slice(0, message.indexOf(' Allowed'))}`).sort(), [
    "kinds.racks.feilds: there is no such setting; did you mean 'fields'?",
    "kinds.racks.fields.a.requird: there is no such setting; did you mean 'required'?",
  ]);
});

test('rules that cannot hold are faults, all of them', (t) => {
  const { faults } = readKinds(
    `kinds:
  machines:
    fields: { a: {} }
  Racks:
    fields: {}
  ports:
    fields:
      id: {}
      Name: {}
      constructor: {}
      tags: { type: strings, unique: true }
      speed: { type: number, pattern: "[0-9]" }
      mac: { pattern: "(" }
      state: { allowed: [up, down], default: away }
      up: { type: boolean, allowed: ["true"] }
      key: { unique: true, default: x }
`,
    'kinds.yaml',
  );
  t.deepEqual(
    faults.map(({ where, path }) => `${where} ${path}`),
    [
      'kinds.yaml:2:3 kinds.machines',
      'kinds.yaml:4:3 kinds.Racks',
      'kinds.yaml:5:5 kinds.Racks.fields',
      'kinds.yaml:8:7 kinds.ports.fields.id',
      'kinds.yaml:9:7 kinds.ports.fields.Name',
      'kinds.yaml:10:7 kinds.ports.fields.constructor',
      'kinds.yaml:11:30 kinds.ports.fields.tags.unique',
      'kinds.yaml:12:30 kinds.ports.fields.speed.pattern',
      'kinds.yaml:13:14 kinds.ports.fields.mac.pattern',
      'kinds.yaml:14:37 kinds.ports.fields.state.default',
      'kinds.yaml:15:28 kinds.ports.fields.up.allowed',
      'kinds.yaml:15:38 kinds.ports.fields.up.allowed.0',
      'kinds.yaml:16:28 kinds.ports.fields.key.default',
    ],
  );
});

test('a kind may have 24 fields besides lists', (t) => {
  const fields = (count: number): string => Array.from({ length: count }, (_, n) => `f${n}: {}`).join(', ');
  const file = (count: number): string => `kinds: { racks: { fields: { ${fields(count)}, tags: { type: strings } } } }`;
  t.deepEqual(readKinds(file(24), 'kinds.yaml').faults, []);
  t.deepEqual(
    readKinds(file(25), 'kinds.yaml').faults.map(({ path }) => path),
    ['kinds.racks.fields'],
  );
});

test('what is no YAML is told with its place', (t) => {
  t.is(readKinds('kinds:\n  a: [1\n', 'kinds.yaml').faults[0]?.where, 'kinds.yaml:3:1');
  t.is(readKinds('kinds:\n  a: {}\n  a: {}\n', 'kinds.yaml').faults[0]?.where, 'kinds.yaml:3:3');
});
