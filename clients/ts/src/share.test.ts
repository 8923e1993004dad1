import test from 'ava';
import { toShare } from './share.js';

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
    t.is(toShare(text), basisPoints);
  });
}

for (const text of ['0', '0%', '0.001%', '0.00001', '33.333%', '101%', '20', '-5%', '', 'half', '1e-1'] as const) {
  test(`no share: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => toShare(text), { instanceOf: RangeError, message: /share|finer|nothing|whole/ });
  });
}
