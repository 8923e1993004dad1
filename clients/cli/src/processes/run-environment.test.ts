import type { Bench } from '@berth/client';
import { Bench as BenchMessage } from '@berth/proto/berth/lease/v1/bench';
import test from 'ava';
import { outerVariables, runEnvironment } from './run-environment.js';

function bench(name: string, properties: Record<string, string>, dut: Record<string, string>): Bench {
  return BenchMessage.fromPartial({ name, properties, entities: { dut: { attributes: [], properties: dut } } });
}

test('the lease, and each property by the name of its entity', (t) => {
  const benches = [bench('resource1', { 'power-switch': '3' }, { socket: '127.0.0.1:4567', api_key: 'foobar' })];
  const { variables, shadowed } = runEnvironment({ id: 'ls-1', fencingToken: 7, benches });
  const { BERTH_BENCH_JSON = '', BERTH_VARIABLES, ...rest } = variables;
  t.deepEqual(rest, {
    BERTH_BENCH: 'resource1',
    BERTH_BENCHES: 'resource1',
    BERTH_LEASE_ID: 'ls-1',
    BERTH_FENCING_TOKEN: '7',
    BERTH_POWER_SWITCH: '3',
    BERTH_DUT_SOCKET: '127.0.0.1:4567',
    BERTH_DUT_API_KEY: 'foobar',
  });
  t.like(JSON.parse(BERTH_BENCH_JSON), { name: 'resource1', entities: { dut: { properties: { api_key: 'foobar' } } } });
  t.deepEqual(shadowed, []);
  t.deepEqual(new Set(BERTH_VARIABLES?.split(' ')), new Set(Object.keys(variables)));
});

test('the second bench has its number in every name', (t) => {
  const benches = [bench('r1', {}, { socket: 'a' }), bench('r2', { x: '1' }, { socket: 'b' })];
  const { variables } = runEnvironment({ id: 'ls-1', fencingToken: 7, benches });
  t.like(variables, {
    BERTH_BENCH: 'r1',
    BERTH_BENCHES: 'r1,r2',
    BERTH_DUT_SOCKET: 'a',
    BERTH_2_BENCH: 'r2',
    BERTH_2_DUT_SOCKET: 'b',
    BERTH_2_X: '1',
  });
});

test("a property cannot take the place of Berth's own variables and settings", (t) => {
  const benches = [bench('r1', { address: 'evil:1', lease_id: 'x', ok: '1' }, {})];
  const { variables, shadowed } = runEnvironment({ id: 'ls-1', fencingToken: 7, benches });
  t.false('BERTH_ADDRESS' in variables);
  t.is(variables['BERTH_LEASE_ID'], 'ls-1');
  t.is(variables['BERTH_OK'], '1');
  t.deepEqual(shadowed, ['address', 'lease_id']);
});

/** What a lease of one bench with these properties gives. */
function environmentOf(properties: Record<string, string>, entities: Record<string, Record<string, string>> = {}) {
  const one = BenchMessage.fromPartial({
    name: 'r1',
    properties,
    entities: Object.fromEntries(Object.entries(entities).map(([name, of]) => [name, { properties: of }] as const)),
  });
  return runEnvironment({ id: 'ls-1', fencingToken: 7, benches: [one] });
}

test('properties that would share a variable have none, and are told', (t) => {
  const { variables, shadowed, notes } = environmentOf(
    { 'a-b': '1', a_b: '2', 'a.b': '3', dut_socket: '4', ok: '5' },
    { dut: { socket: '6' } },
  );
  t.is(variables['BERTH_OK'], '5');
  t.false('BERTH_A_B' in variables || 'BERTH_DUT_SOCKET' in variables);
  t.deepEqual(shadowed, ['a-b', 'a_b', 'a.b', 'dut_socket', 'dut.socket']);
  t.deepEqual(notes, [
    'a-b, a_b, a.b have no variable of their own, as each would be BERTH_A_B; see BERTH_BENCH_JSON',
    'dut_socket, dut.socket have no variable of their own, as each would be BERTH_DUT_SOCKET; see BERTH_BENCH_JSON',
  ]);
});

test('an entity named 2 is not taken for the second bench', (t) => {
  const { variables, shadowed } = environmentOf({ '2_x': '1', variables: 'x' }, { '2': { bench: 'r9' } });
  t.deepEqual(
    Object.keys(variables).filter((name) => name.startsWith('BERTH_2')),
    [],
  );
  t.deepEqual(shadowed, ['2_x', 'variables', '2.bench']);
});

test('a bench that is too large for a variable goes into a file, and its properties keep their variables', (t) => {
  const properties = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${String(i)}`, 'x'.repeat(12_000)]));
  const { variables, files } = environmentOf(properties);
  t.false('BERTH_BENCH_JSON' in variables);
  t.like(JSON.parse(files['BERTH_BENCH_FILE'] ?? ''), { name: 'r1', properties });
  t.is(variables['BERTH_P11']?.length, 12_000);
  t.true(variables['BERTH_VARIABLES']?.split(' ').includes('BERTH_BENCH_FILE'));
});

test('no bench makes more variables than every system takes', (t) => {
  const properties = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`p${String(i)}`, 'ü'.repeat(16_384)]));
  const { variables, files, notes } = environmentOf({ ...properties, nul: 'a\0b' });
  const bytes = Object.entries(variables).map(([name, value]) => name.length + Buffer.byteLength(value) + 2);
  t.true(Math.max(...bytes) < 128 * 1024);
  t.true(bytes.reduce((sum, size) => sum + size, 0) < 256 * 1024);
  t.false('BERTH_NUL' in variables);
  t.like(JSON.parse(files['BERTH_BENCH_FILE'] ?? ''), { properties });
  t.regex(notes.join(), /BERTH_P\d+, .* and \d+ more are not set, as the properties are too large/);
});

test("an outer lease's variables are known by its list, which cannot name settings", (t) => {
  const list = 'BERTH_BENCH BERTH_2_DUT_SOCKET BERTH_ADDRESS PATH BERTH_VARIABLES';
  t.deepEqual(outerVariables({ BERTH_VARIABLES: list }), ['BERTH_BENCH', 'BERTH_2_DUT_SOCKET', 'BERTH_VARIABLES']);
  t.deepEqual(outerVariables({}), []);
});
