import test from 'ava';
import { clockText, sinceText, spanText, untilText } from './time-text.js';

const MINUTE = 60_000;
const NOW = new Date(2031, 4, 9, 12, 7);

test('spans have at most two units', (t) => {
  const spans: [number, string][] = [
    [-5, '0s'],
    [0, '0s'],
    [8400, '8s'],
    [59_600, '1m'],
    [4 * MINUTE + 59_000, '4m'],
    [60 * MINUTE, '1h'],
    [125 * MINUTE, '2h 5m'],
    [(24 * 3 + 4) * 60 * MINUTE, '3d 4h'],
  ];
  for (const [ms, text] of spans) t.is(spanText(ms), text);
});

test("times have the date when it is not today's", (t) => {
  t.is(clockText(new Date(2031, 4, 9, 12, 3), NOW), '12:03');
  t.is(clockText(new Date(2031, 4, 8, 23, 59), NOW), '2031-05-08 23:59');
});

test('since and until say both the moment and the distance', (t) => {
  t.is(sinceText(new Date(2031, 4, 9, 12, 3), NOW), '12:03 (4m)');
  t.is(untilText(new Date(2031, 4, 9, 13, 2), NOW), '13:02 (in 55m)');
  t.is(untilText(new Date(2031, 4, 9, 12, 2), NOW), '12:02 (now)');
  t.is(sinceText(undefined, NOW), '');
  t.is(untilText(undefined, NOW), '');
});
