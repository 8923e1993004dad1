import test from 'ava';
import { didYouMean } from './did-you-mean.js';

test('names the word that is near, and nothing when none is', (t) => {
  const benches = ['resource1', 'resource2', 'lab-a'];
  t.is(didYouMean('resuorce1', benches), "; did you mean 'resource1'?");
  t.is(didYouMean('LAB-A', benches), "; did you mean 'lab-a'?");
  t.is(didYouMean('printer', benches), '.');
  t.is(didYouMean('x'.repeat(200), benches), '.');
});
