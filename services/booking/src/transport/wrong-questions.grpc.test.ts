import test from 'ava';
import { at, days } from './booking-server.fixture.js';
import type { WrongInput } from './wrong-input.fixture.js';
import { book, CORES, HOURLY, JUNE, refuseAll } from './wrong-input.fixture.js';

const FIELD = 'INVALID_FIELD';
const SERIES = 'INVALID_SERIES';

function repeat(rule: string, span: object = HOURLY): object {
  return { ...book(span), recurrence: { rule } };
}

const CASES: readonly WrongInput[] = [
  ['an endless series', 'bookings', 'createSeries', repeat('FREQ=HOURLY'), SERIES, /^recurrence\.rule/],
  [
    'more than 1,000 occurrences',
    'bookings',
    'createSeries',
    repeat('FREQ=HOURLY;COUNT=1001', {
      ...HOURLY,
      range: { start: at('2026-06-01T09:00Z'), end: at('2026-06-01T09:30Z') },
    }),
    SERIES,
    /^recurrence\.rule/,
  ],
  [
    'COUNT with UNTIL',
    'bookings',
    'createSeries',
    repeat('FREQ=HOURLY;COUNT=3;UNTIL=20260701T000000Z'),
    SERIES,
    /^recurrence\.rule/,
  ],
  [
    'a start that is no occurrence',
    'bookings',
    'createSeries',
    repeat('FREQ=HOURLY;BYDAY=TU;COUNT=3'),
    SERIES,
    /^recurrence\.rule/,
  ],
  [
    'a rule that never comes',
    'bookings',
    'createSeries',
    repeat('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3'),
    SERIES,
    /^recurrence\.rule/,
  ],
  ['a rule that is none', 'bookings', 'createSeries', repeat('EVERY MONDAY'), SERIES, /^recurrence\.rule/],
  [
    'occurrences that overlap each other',
    'bookings',
    'createSeries',
    repeat('FREQ=DAILY;COUNT=3', { ...CORES, range: days('2026-06-01', '2026-06-02') }),
    SERIES,
    /^recurrence/,
  ],
  [
    'no rule',
    'bookings',
    'createSeries',
    { ...book(HOURLY), recurrence: {} },
    SERIES,
    /^recurrence\.rule: is required/,
  ],
  [
    'a series of two spans',
    'bookings',
    'createSeries',
    { booking: { spans: [HOURLY, HOURLY] }, recurrence: { rule: 'FREQ=HOURLY;COUNT=2' } },
    FIELD,
    /^booking\.spans: has 2 spans/,
  ],
  [
    'a million blocks',
    'bookings',
    'getAvailability',
    { range: days('2026-01-01', '2027-12-31'), calendar: { grain: 1 } },
    'TOO_MANY_BLOCKS',
    /^range|^calendar/,
  ],
  [
    'a grain that is none',
    'bookings',
    'getAvailability',
    { range: JUNE, calendar: { grain: 9 } },
    FIELD,
    /^calendar\.grain: is 9/,
  ],
  [
    'an unknown template to fit',
    'bookings',
    'getAvailability',
    { range: JUNE, templates: ['huge'] },
    'NO_SUCH_TEMPLATE',
    /^templates\[0\]/,
  ],
  [
    'a template to fit that is no name',
    'bookings',
    'getAvailability',
    { range: JUNE, templates: ['small@'] },
    FIELD,
    /^templates\[0\]/,
  ],
  [
    'fits without a duration',
    'bookings',
    'findFits',
    { ...book({ amounts: { cores: 1 } }), window: JUNE },
    FIELD,
    /^duration: is required/,
  ],
  ['a watch of nothing', 'bookings', 'listBookings', { states: [99] }, FIELD, /^states\[0\]: is 99/],
];

test('a wrong series, and a wrong question, is refused with a reason and the place of the fault', async (t) => {
  await refuseAll(t, CASES);
});
