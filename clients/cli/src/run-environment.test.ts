import type { Bench } from '@berth/client';
import { Bench as BenchMessage } from '@berth/proto/berth/lease/v1/bench';
import test from 'ava';
import { runEnvironment } from './run-environment.js';

function bench(name: string, properties: Record<string, string>, dut: Record<string, string>): Bench {
  return BenchMessage.fromPartial({ name, properties, entities: { dut: { attributes: [], properties: dut } } });
}

test('the lease, and each property by the name of its entity', (t) => {
  const benches = [bench('resource1', { 'power-switch': '3' }, { socket: '127.0.0.1:4567', api_key: 'foobar' })];
  const { variables, shadowed } = runEnvironment({ id: 'ls-1', fencingToken: 7, benches });
  const { BERTH_BENCH_JSON = '', ...rest } = variables;
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
