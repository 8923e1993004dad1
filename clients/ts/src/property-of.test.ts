import { Bench } from '@berth/proto/berth/lease/v1/bench';
import test from 'ava';
import { propertyOf } from './property-of.js';

test('a property is given by entity and name, and what is not there is told with what there is', (t) => {
  const bench = Bench.fromPartial({
    name: 'b1',
    entities: { dut: { properties: { socket: '/dev/tty1', empty: '' } }, host: {} },
  });
  t.is(propertyOf(bench, 'dut', 'socket'), '/dev/tty1');
  t.is(propertyOf(bench, 'dut', 'empty'), '');
  t.throws(() => propertyOf(bench, 'dut', 'sock'), {
    instanceOf: RangeError,
    message: 'entity "dut" of bench b1 has no property "sock"; it has empty, socket',
  });
  t.throws(() => propertyOf(bench, 'host', 'x'), { message: /has no property "x"; it has none/ });
  t.throws(() => propertyOf(bench, 'board', 'x'), { message: 'bench b1 has no entity "board"; it has dut, host' });
  t.throws(() => propertyOf(bench, 'constructor', 'name'), { instanceOf: RangeError });
  t.throws(() => propertyOf(bench, 'dut', 'toString'), { instanceOf: RangeError });
});
