/** An example of RFC 5545 3.8.5.3 that ends, in America/New_York; at 09:00 where `at` says nothing else. */
export interface RfcExample {
  readonly title: string;
  readonly start: string;
  /** One or several rules that are the same series. */
  readonly rules: readonly string[];
  /** Dates by month: `1997-09: 2 3-11`. */
  readonly dates: readonly string[];
  /** Times of day, where a date has several. */
  readonly at?: readonly string[];
}

/** With the erratum 3883: "every 3 hours … from 9 to 5" ends at 17:00 in New York, which is 21:00 in UTC. */
export const RFC_EXAMPLES: readonly RfcExample[] = [
  {
    title: 'daily for 10 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=DAILY;COUNT=10'],
    dates: ['1997-09: 2-11'],
  },
  {
    title: 'daily until December 24, 1997',
    start: '1997-09-02',
    rules: ['FREQ=DAILY;UNTIL=19971224T000000Z'],
    dates: ['1997-09: 2-30', '1997-10: 1-31', '1997-11: 1-30', '1997-12: 1-23'],
  },
  {
    title: 'every 10 days, 5 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=DAILY;INTERVAL=10;COUNT=5'],
    dates: ['1997-09: 2 12 22', '1997-10: 2 12'],
  },
  {
    title: 'every day in January, for 3 years',
    start: '1998-01-01',
    rules: [
      'FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA',
      'FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1',
    ],
    dates: ['1998-01: 1-31', '1999-01: 1-31', '2000-01: 1-31'],
  },
  {
    title: 'weekly for 10 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=WEEKLY;COUNT=10'],
    dates: ['1997-09: 2 9 16 23 30', '1997-10: 7 14 21 28', '1997-11: 4'],
  },
  {
    title: 'weekly until December 24, 1997',
    start: '1997-09-02',
    rules: ['FREQ=WEEKLY;UNTIL=19971224T000000Z'],
    dates: ['1997-09: 2 9 16 23 30', '1997-10: 7 14 21 28', '1997-11: 4 11 18 25', '1997-12: 2 9 16 23'],
  },
  {
    title: 'weekly on Tuesday and Thursday for five weeks',
    start: '1997-09-02',
    rules: ['FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH', 'FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH'],
    dates: ['1997-09: 2 4 9 11 16 18 23 25 30', '1997-10: 2'],
  },
  {
    title: 'every other week on Monday, Wednesday, and Friday until December 24, 1997',
    start: '1997-09-01',
    rules: ['FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR'],
    dates: [
      '1997-09: 1 3 5 15 17 19 29',
      '1997-10: 1 3 13 15 17 27 29 31',
      '1997-11: 10 12 14 24 26 28',
      '1997-12: 8 10 12 22',
    ],
  },
  {
    title: 'every other week on Tuesday and Thursday, for 8 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH'],
    dates: ['1997-09: 2 4 16 18 30', '1997-10: 2 14 16'],
  },
  {
    title: 'monthly on the first Friday for 10 occurrences',
    start: '1997-09-05',
    rules: ['FREQ=MONTHLY;COUNT=10;BYDAY=1FR'],
    dates: [
      ...['1997-09: 5', '1997-10: 3', '1997-11: 7', '1997-12: 5', '1998-01: 2', '1998-02: 6', '1998-03: 6'],
      ...['1998-04: 3', '1998-05: 1', '1998-06: 5'],
    ],
  },
  {
    title: 'monthly on the first Friday until December 24, 1997',
    start: '1997-09-05',
    rules: ['FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR'],
    dates: ['1997-09: 5', '1997-10: 3', '1997-11: 7', '1997-12: 5'],
  },
  {
    title: 'every other month on the first and last Sunday of the month for 10 occurrences',
    start: '1997-09-07',
    rules: ['FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU'],
    dates: ['1997-09: 7 28', '1997-11: 2 30', '1998-01: 4 25', '1998-03: 1 29', '1998-05: 3 31'],
  },
  {
    title: 'monthly on the second-to-last Monday of the month for 6 months',
    start: '1997-09-22',
    rules: ['FREQ=MONTHLY;COUNT=6;BYDAY=-2MO'],
    dates: ['1997-09: 22', '1997-10: 20', '1997-11: 17', '1997-12: 22', '1998-01: 19', '1998-02: 16'],
  },
  {
    title: 'monthly on the 2nd and 15th of the month for 10 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15'],
    dates: ['1997-09: 2 15', '1997-10: 2 15', '1997-11: 2 15', '1997-12: 2 15', '1998-01: 2 15'],
  },
  {
    title: 'monthly on the first and last day of the month for 10 occurrences',
    start: '1997-09-30',
    rules: ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1'],
    dates: ['1997-09: 30', '1997-10: 1 31', '1997-11: 1 30', '1997-12: 1 31', '1998-01: 1 31', '1998-02: 1'],
  },
  {
    title: 'every 18 months on the 10th thru 15th of the month for 10 occurrences',
    start: '1997-09-10',
    rules: ['FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15'],
    dates: ['1997-09: 10-15', '1999-03: 10-13'],
  },
  {
    title: 'yearly in June and July for 10 occurrences',
    start: '1997-06-10',
    rules: ['FREQ=YEARLY;COUNT=10;BYMONTH=6,7'],
    dates: [1997, 1998, 1999, 2000, 2001].flatMap((year) => [`${year}-06: 10`, `${year}-07: 10`]),
  },
  {
    title: 'every other year on January, February, and March for 10 occurrences',
    start: '1997-03-10',
    rules: ['FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3'],
    dates: [
      '1997-03: 10',
      ...[1999, 2001, 2003].flatMap((year) => [`${year}-01: 10`, `${year}-02: 10`, `${year}-03: 10`]),
    ],
  },
  {
    title: 'every third year on the 1st, 100th, and 200th day for 10 occurrences',
    start: '1997-01-01',
    rules: ['FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200'],
    dates: [
      ...['1997-01: 1', '1997-04: 10', '1997-07: 19', '2000-01: 1', '2000-04: 9', '2000-07: 18'],
      ...['2003-01: 1', '2003-04: 10', '2003-07: 19', '2006-01: 1'],
    ],
  },
  {
    title: 'the third instance into the month of one of Tuesday, Wednesday, or Thursday, for the next 3 months',
    start: '1997-09-04',
    rules: ['FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3'],
    dates: ['1997-09: 4', '1997-10: 7', '1997-11: 6'],
  },
  {
    title: 'every 3 hours from 9:00 AM to 5:00 PM on a specific day',
    start: '1997-09-02',
    rules: ['FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z'],
    dates: ['1997-09: 2'],
    at: ['09:00', '12:00', '15:00'],
  },
  {
    title: 'every 15 minutes for 6 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=MINUTELY;INTERVAL=15;COUNT=6'],
    dates: ['1997-09: 2'],
    at: ['09:00', '09:15', '09:30', '09:45', '10:00', '10:15'],
  },
  {
    title: 'every hour and a half for 4 occurrences',
    start: '1997-09-02',
    rules: ['FREQ=MINUTELY;INTERVAL=90;COUNT=4'],
    dates: ['1997-09: 2'],
    at: ['09:00', '10:30', '12:00', '13:30'],
  },
  {
    title: 'a week that starts on Monday',
    start: '1997-08-05',
    rules: ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO'],
    dates: ['1997-08: 5 10 19 24'],
  },
  {
    title: 'a week that starts on Sunday',
    start: '1997-08-05',
    rules: ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU'],
    dates: ['1997-08: 5 17 19 31'],
  },
  {
    title: 'an invalid date (February 30) is ignored',
    start: '2007-01-15',
    rules: ['FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5'],
    dates: ['2007-01: 15 30', '2007-02: 15', '2007-03: 15 30'],
  },
];

/** The times of an example on the wall: `1997-09-02T09:00`. */
export function timesOf({ dates, at = ['09:00'] }: RfcExample): readonly string[] {
  return dates.flatMap((line) => {
    const [month = '', days = ''] = line.split(': ');
    return days.split(' ').flatMap((span) => {
      const [first = 0, last = first] = span.split('-').map(Number);
      return Array.from(
        { length: last - first + 1 },
        (_, i) => `${month}-${String(first + i).padStart(2, '0')}`,
      ).flatMap((date) => at.map((time) => `${date}T${time}`));
    });
  });
}
