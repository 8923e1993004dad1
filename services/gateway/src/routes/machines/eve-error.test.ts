import { BerthError } from '@berth/kernel';
import { httpError } from '@berth/server';
import test from 'ava';
import { eveError } from './eve-error.js';

function told(error: BerthError, count?: number) {
  return eveError(httpError(error, 'req-1'), count);
}

test('what is wrong with a document is told by its fields', (t) => {
  const error = new BerthError('RECORD_INVALID', 'machines: 2 faults', {
    fields: [
      { field: 'record.fields.hostname', description: 'is missing' },
      { field: 'record.fields.state', description: 'is "odd"' },
      { field: 'record.fields.state', description: 'is odd' },
    ],
    metadata: { kind: 'machines' },
  });
  t.deepEqual(told(error), {
    status: 422,
    body: {
      _status: 'ERR',
      _issues: { hostname: 'is missing', state: 'is "odd"; is odd' },
      _error: { code: 422, message: 'machines: 2 faults', reason: 'RECORD_INVALID', metadata: { kind: 'machines' } },
    },
  });
});

test('of a list each document has its own, and none of them is OK', (t) => {
  const error = new BerthError('RECORD_INVALID', 'machines: hostname', {
    fields: [{ field: 'records[1].fields.hostname', description: 'is missing' }],
  });
  const { body } = told(error, 3);
  t.like(body, {
    _items: [
      { _status: 'ERR', _issues: {} },
      { _status: 'ERR', _issues: { hostname: 'is missing' } },
      { _status: 'ERR', _issues: {} },
    ],
  });
  t.false('_issues' in body);
});

test("statuses are Eve's where it has its own", (t) => {
  const reasons = [
    'RECORD_EXISTS',
    'ETAG_REQUIRED',
    'STALE_ETAG',
    'RECORD_CLAIMED',
    'NO_SUCH_RECORD',
    'PERMISSION_DENIED',
  ];
  t.deepEqual(
    (reasons as ConstructorParameters<typeof BerthError>[0][]).map(
      (reason) => told(new BerthError(reason, 'x')).status,
    ),
    [422, 428, 412, 409, 404, 403],
  );
});

test('a fault of the request is told by its parameter', (t) => {
  const error = new BerthError('INVALID_FIELD', 'x', { fields: [{ field: 'where', description: 'is no JSON' }] });
  t.like(told(error), { status: 400, body: { _issues: { where: 'is no JSON' } } });
});
