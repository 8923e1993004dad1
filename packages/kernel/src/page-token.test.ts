import test from 'ava';
import { BerthError } from './errors.js';
import { decodePageToken, encodePageToken, pageSize } from './page-token.js';

test('a token continues after its key, for the same arguments only', (t) => {
  const token = encodePageToken('bench-7', { lab: 'default', owner: 'tony' });
  t.is(decodePageToken(token, { lab: 'default', owner: 'tony' }), 'bench-7');
  t.is(decodePageToken('', { lab: 'default' }), undefined, 'the first page');
  for (const wrong of [token, `${token}x`, 'bench-7', 'e30', Buffer.from('null').toString('base64url')]) {
    const error = t.throws(() => decodePageToken(wrong, { lab: 'other' }), { instanceOf: BerthError });
    t.is(error.reason, 'INVALID_PAGE_TOKEN');
    t.is(error.details.fields?.[0]?.field, 'page_token');
  }
});

test('a page has 50 things unless asked otherwise, and 1000 at most', (t) => {
  t.deepEqual([0, 1, 50, 1000, 5000].map(pageSize), [50, 1, 50, 1000, 1000]);
  t.is(t.throws(() => pageSize(-1), { instanceOf: BerthError }).reason, 'INVALID_FIELD');
});
