import { Faults } from '@berth/server';
import test from 'ava';
import { readParameters } from '../parameters.js';
import { datesOf, fourWeeks, rangeOf } from './when.js';

function given(query: string, faults: Faults) {
  return readParameters(new URLSearchParams(query), { type: 'none' }, ['range', 'startdate', 'enddate'], faults);
}

function date(value: string) {
  return { at: { $case: 'date', value } };
}

test('a range is two dates, or two times', (t) => {
  const faults = new Faults();
  t.deepEqual(rangeOf(given('range=2020-06-08,2020-06-14', faults), faults), {
    start: date('2020-06-08'),
    end: date('2020-06-14'),
    timeZone: '',
  });
  const times = rangeOf(given('range=2020-06-08T09:00Z,2020-06-08T12:00Z', faults), faults);
  t.deepEqual(times?.end?.at, { $case: 'time', value: new Date('2020-06-08T12:00:00Z') });
  t.is(rangeOf(given('', faults), faults), undefined);
  t.deepEqual(faults.found, []);
});

test('a range that is none says how one is written', (t) => {
  for (const text of ['2020-06-08', '2020-06-08,2020-06-09,2020-06-10', '2020-6-8,2020-06-09', 'today,tomorrow']) {
    const faults = new Faults();
    rangeOf(given(`range=${text}`, faults), faults);
    t.true(faults.found.length > 0, text);
    t.regex(faults.found[0]?.description ?? '', /2020-06-08/, text);
  }
});

test('dates must be there, but the end of what need not end', (t) => {
  const faults = new Faults();
  datesOf(given('', faults), faults);
  t.deepEqual(
    faults.found.map(({ field }) => field),
    ['startdate', 'enddate'],
  );
  const none = new Faults();
  t.is(datesOf(given('startdate=2020-06-08', none), none, { open: true }).end, undefined);
  t.deepEqual(none.found, []);
});

test('four weeks begin today', (t) => {
  t.deepEqual(fourWeeks(Date.parse('2031-06-08T23:59:59Z')), {
    start: date('2031-06-08'),
    end: date('2031-07-05'),
    timeZone: '',
  });
});
