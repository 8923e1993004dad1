import test from 'ava';
import { printable, printableLines } from './printable.js';

test('controls and marks of writing direction can be seen and do nothing', (t) => {
  const shown = '\\u001b]0;x\\u0007 \\u009b2J \\u007f \\u202eevil\\u2069 \\u200f \\u2028';
  t.is(printable('\u001b]0;x\u0007 \u009b2J \u007f \u202eevil\u2069 \u200f \u2028'), shown);
});

test('lines and tabs are spaces on one line; other text stays as it is', (t) => {
  t.is(printable('a\r\n\tb'), 'a b');
  t.is(printable('größe – 測試 – שלום – 👩‍🔧'), 'größe – 測試 – שלום – 👩‍🔧');
  t.is(printableLines('a\r\nb\tc\u001b'), 'a\nb c\\u001b');
});
