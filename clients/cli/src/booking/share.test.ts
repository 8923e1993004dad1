import { InvalidArgumentError } from 'commander';
import test from 'ava';
import { parseShare, shareText } from './share.js';

test('a share of a flag is told in percent again', (t) => {
  t.is(shareText(parseShare('20%')), '20 %');
  t.is(shareText(parseShare('0.3333')), '33.33 %');
});

test('a flag that is no share is refused as all flags are', (t) => {
  t.throws(() => parseShare('20'), { instanceOf: InvalidArgumentError, message: /write 20% or 0\.2/ });
});
