import { BerthError } from '@berth/kernel';
import test from 'ava';
import { parseRequest } from './parse-request.js';
import { lineFault } from './text-rules.js';

function shortLine(text: string): string | undefined {
  return lineFault(text, 3);
}

test('all that is wrong with a request is told at once, its request id last', (t) => {
  const error = t.throws(
    () =>
      parseRequest(
        { requestId: 'ä' },
        (faults) => {
          faults.require('r.a', '', shortLine);
          faults.require('r.b', 'long', shortLine);
          faults.require('r.c', 'ok', shortLine);
          faults.require('r.d', '');
        },
        'r.',
      ),
    { instanceOf: BerthError },
  );
  t.is(error.reason, 'INVALID_FIELD');
  t.deepEqual(
    (error.details.fields ?? []).map(({ field, description }) => `${field}: ${description}`),
    [
      'r.a: is required',
      'r.b: has 4 characters; at most 3 are allowed',
      'r.d: is required',
      'r.request_id: is "ä"; only printable ASCII characters are allowed',
    ],
  );
});

test('a request without faults is what it was parsed to, with or without a request id', (t) => {
  t.is(
    parseRequest({ requestId: '' }, () => 1),
    1,
  );
  t.is(
    parseRequest({}, () => 2),
    2,
  );
});
