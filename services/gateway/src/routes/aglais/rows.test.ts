import { type Block, Grain } from '@berth/client';
import test from 'ava';
import { wantsCsv } from './accept.js';
import { blockRows, csvText, periodRows } from './rows.js';

function block(start: string, cores: number): Block {
  const figures = { booked: cores, worst: 10 - cores, best: 10, levels: [] };
  const amounts = [{ amount: 'cores', granted: 10, firm: figures, all: undefined }];
  return { interval: { startTime: new Date(start), endTime: undefined }, partial: false, amounts, fits: [] };
}

test('a row has a date of the zone, and what there is of the three amounts', (t) => {
  const blocks = [block('2031-06-07T23:00:00Z', 4), block('2031-06-08T23:00:00Z', 0)];
  t.deepEqual(blockRows(blocks, 'worst', 'Europe/London', Grain.DAY).rows, [
    { date: '2031-06-08', servers: 0, memory: 0, cores: 6 },
    { date: '2031-06-09', servers: 0, memory: 0, cores: 10 },
  ]);
  t.is(blockRows(blocks, 'granted', 'UTC', Grain.DAY).rows[0]?.['cores'], 10);
  t.is(blockRows(blocks, 'booked', 'UTC', Grain.HOUR).rows[0]?.['cores'], 4);
  t.is(blockRows(blocks, 'booked', 'Europe/London', Grain.HOUR).rows[0]?.['date'], '2031-06-08T00:00+01:00');
});

test('periods say whose they are, and the time where they do not begin with a day', (t) => {
  const period = { cluster: 'default/k8s', zone: 'UTC', amounts: { cores: 8 } };
  const table = periodRows([
    { ...period, start: new Date('2031-06-08T00:00:00Z') },
    { ...period, start: new Date('2031-06-09T09:30:00Z') },
  ]);
  t.is(
    csvText(table),
    'date,servers,memory,cores,clusterid\n2031-06-08,0,0,8,default/k8s\n2031-06-09T09:30Z,0,0,8,default/k8s\n',
  );
});

test('values with commas and quotes stay one value', (t) => {
  t.is(csvText({ columns: ['a', 'b'], rows: [{ a: 'x,"y"', b: 1 }] }), 'a,b\n"x,""y""",1\n');
});

test('CSV is for those who ask for it before JSON', (t) => {
  for (const accept of ['text/csv', 'TEXT/CSV;q=0.5', 'text/csv, */*;q=0.1', 'text/csv, application/json'])
    t.true(wantsCsv(accept), accept);
  for (const accept of [
    undefined,
    '*/*',
    'application/json, text/csv',
    'text/csv;q=0, */*',
    'text/html, */*;q=0.8',
    '',
  ])
    t.false(wantsCsv(accept), accept);
});
