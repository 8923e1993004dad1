import test from 'ava';
import { durationOf } from './values-to-proto.js';

test('a span keeps its fraction of a second, and one that rounds up to a second is one', (t) => {
  t.deepEqual(durationOf(1234.5), { seconds: 1, nanos: 234_500_000 });
  t.deepEqual(durationOf(59_999.999_999_9), { seconds: 60, nanos: 0 });
  t.is(durationOf(undefined), undefined);
});
