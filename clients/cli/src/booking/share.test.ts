import test from 'ava';
import { parseShare, shareText } from './share.js';

for (const [text, basisPoints] of [
  ['20%', 2000],
  ['20 %', 2000],
  ['0.2', 2000],
  ['0.01%', 1],
  ['33.33%', 3333],
  ['0.0001', 1],
  ['100%', 10_000],
  ['1', 10_000],
] as const) {
  test(`a share: ${text}`, (t) => {
    t.is(parseShare(text), basisPoints);
  });
}

for (const text of ['0', '0%', '0.001%', '0.00001', '33.333%', '101%', '20', '-5%', '', 'half', '1e-1'] as const) {
  test(`no share: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseShare(text), { message: /share|finer|nothing|whole/ });
  });
}

test('a share is told in percent', (t) => {
  t.is(shareText(2000), '20 %');
  t.is(shareText(3333), '33.33 %');
});
