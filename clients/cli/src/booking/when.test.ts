import test from 'ava';
import { endAfter, momentOf, parseLasting, parseWhen } from './when.js';

function date(value: string) {
  return { at: { $case: 'date', value } };
}

function time(value: string) {
  return { at: { $case: 'time', value: new Date(value) } };
}

test('dates stay dates, times are instants', async (t) => {
  t.deepEqual(await momentOf(parseWhen('2031-06-08'), 'Europe/London'), date('2031-06-08'));
  t.deepEqual(await momentOf(parseWhen('2031-06-08T09:00Z'), undefined), time('2031-06-08T09:00Z'));
  t.deepEqual(await momentOf(parseWhen('2031-06-08 09:00+02:00'), undefined), time('2031-06-08T07:00Z'));
  t.deepEqual(await momentOf(parseWhen('2031-06-08T09:00'), 'Europe/London'), time('2031-06-08T08:00Z'));
  t.deepEqual(await momentOf(parseWhen('2031-06-08T09:00'), undefined), {
    at: { $case: 'time', value: new Date('2031-06-08T09:00') },
  });
});

test('a time that does not exist moves on by the gap, one that comes twice is the first', async (t) => {
  t.deepEqual(await momentOf(parseWhen('2031-03-30T01:30'), 'Europe/London'), time('2031-03-30T01:30Z'));
  t.deepEqual(await momentOf(parseWhen('2031-10-26T01:30'), 'Europe/London'), time('2031-10-26T00:30Z'));
});

test('spans from now are instants', (t) => {
  const soon = parseWhen('+2h');
  t.true('at' in soon && Math.abs(soon.at.getTime() - Date.now() - 7_200_000) < 5000);
  const now = parseWhen('now');
  t.true('at' in now && Math.abs(now.at.getTime() - Date.now()) < 5000);
});

test('days after a date are days of the calendar, others have 24 h', async (t) => {
  const from = parseWhen('2031-02-27');
  t.deepEqual(await endAfter(from, parseLasting('3d'), undefined), date('2031-03-01'));
  t.deepEqual(await endAfter(from, parseLasting('1w'), undefined), date('2031-03-05'));
  const nine = parseWhen('2031-03-29T09:00Z');
  t.deepEqual(await endAfter(nine, parseLasting('2d'), undefined), time('2031-03-31T09:00Z'));
  t.deepEqual(await endAfter(nine, parseLasting('90m'), undefined), time('2031-03-29T10:30Z'));
  await t.throwsAsync(endAfter(from, parseLasting('90m'), undefined), { message: /days or weeks/ });
});

for (const text of ['', 'tomorrow', '2031-6-8', '09:00', '2031-06-08T25', '+', '+x', '8 June']) {
  test(`no point in time: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseWhen(text));
  });
}

for (const text of ['', '0', '0d', 'd', '3', '-1d']) {
  test(`no length of time: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseLasting(text));
  });
}

test('a zone that is none is wrong input', async (t) => {
  await t.throwsAsync(momentOf(parseWhen('2031-06-08T09:00'), 'Mars/Phobos'), { message: /Mars\/Phobos/ });
});
