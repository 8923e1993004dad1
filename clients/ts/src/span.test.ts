import test from 'ava';
import { durationToMs, spanToMs, toDuration } from './span.js';

test('spans are milliseconds or numbers with units', (t) => {
  const spans = {
    '0': 0,
    '250ms': 250,
    '90s': 90_000,
    '1h30m': 5_400_000,
    '1.5h': 5_400_000,
    ' 2d ': 172_800_000,
  };
  for (const [span, ms] of Object.entries(spans)) t.is(spanToMs(span), ms, span);
  t.is(spanToMs(1234), 1234);
});

test('what is no span is refused with what is accepted', (t) => {
  for (const span of ['', '10', 'ten', '10 m', '-5s', '5s!', '1h 30m', 'm']) {
    t.throws(() => spanToMs(span), { instanceOf: RangeError, message: /for example 90s, 10m or 1h30m/ }, span);
  }
  for (const span of [-1, NaN, Infinity]) t.throws(() => spanToMs(span), { instanceOf: RangeError });
});

test('durations keep fractions of a second both ways', (t) => {
  t.deepEqual(toDuration('1500ms'), { seconds: 1, nanos: 500_000_000 });
  t.is(durationToMs(toDuration(1234.5)), 1234.5);
  t.deepEqual(toDuration(59_999.999_999_9), { seconds: 60, nanos: 0 });
});
