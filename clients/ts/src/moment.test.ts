import test from 'ava';
import { toMoment, toTimeRange } from './moment.js';

test('a boundary is a date, a time with its offset, or a Date', (t) => {
  t.deepEqual(toMoment('2020-01-31'), { at: { $case: 'date', value: '2020-01-31' } });
  const nine = new Date('2020-01-31T09:00:00Z');
  t.deepEqual(toMoment('2020-01-31T10:00+01:00'), { at: { $case: 'time', value: nine } });
  t.deepEqual(toMoment(nine), { at: { $case: 'time', value: nine } });
});

test('a range without end has none', (t) => {
  t.deepEqual(toTimeRange('2020-01-01', undefined, 'Europe/London'), {
    start: { at: { $case: 'date', value: '2020-01-01' } },
    end: undefined,
    timeZone: 'Europe/London',
  });
});

for (const text of ['', 'tomorrow', '2020-1-1', '2020-01-31T09:00', '2020-01-31 09:00Z', '2020-13-01T00:00Z', '5']) {
  test(`no boundary: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => toMoment(text), { instanceOf: RangeError, message: /is no point in time/ });
  });
}

test('a Date that is none is refused', (t) => {
  t.throws(() => toMoment(new Date(NaN)), { instanceOf: RangeError });
});
