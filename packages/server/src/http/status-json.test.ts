import { BerthError, REASONS, type Reason } from '@berth/kernel';
import { Metadata } from '@grpc/grpc-js';
import test from 'ava';
import { errorStatus } from '../calls/error-status.js';
import { httpError } from './http-error.js';

test('all details of an error are spelled out, and what has its default is left out', (t) => {
  const { status, headers, body } = httpError(
    new BerthError('BENCH_BUSY', 'held', {
      fields: [{ field: 'a.b', description: 'wrong' }],
      preconditions: [{ type: 'CONDITION', subject: 'b1', description: 'held' }],
      resource: { type: 'berth.dev/Bench', name: 'b1', owner: 'ada' },
      quota: [{ subject: 'ada', description: 'two' }],
      retryAfterMs: 1500,
      metadata: { until: '1' },
    }),
    'id',
  );
  t.is(status, 429);
  t.deepEqual(headers, { 'retry-after': '2' });
  const type = (name: string): string => `type.googleapis.com/google.rpc.${name}`;
  t.deepEqual(body, {
    code: 8,
    message: 'held',
    details: [
      { '@type': type('ErrorInfo'), reason: 'BENCH_BUSY', domain: 'berth.dev', metadata: { until: '1' } },
      { '@type': type('BadRequest'), fieldViolations: [{ field: 'a.b', description: 'wrong' }] },
      { '@type': type('PreconditionFailure'), violations: [{ type: 'CONDITION', subject: 'b1', description: 'held' }] },
      { '@type': type('QuotaFailure'), violations: [{ subject: 'ada', description: 'two' }] },
      { '@type': type('ResourceInfo'), resourceType: 'berth.dev/Bench', resourceName: 'b1', owner: 'ada' },
      { '@type': type('RetryInfo'), retryDelay: '1.5s' },
    ],
  });
});

const STATUS_OF_KIND: Readonly<Record<string, number>> = {
  invalid: 400,
  not_found: 404,
  exists: 409,
  precondition: 400,
  exhausted: 429,
  aborted: 409,
  out_of_range: 400,
  permission: 403,
  unauthenticated: 401,
  unavailable: 503,
  deadline: 504,
  cancelled: 499,
  unimplemented: 501,
  internal: 500,
};
const CLOSER: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  METHOD_NOT_ALLOWED: 405,
};

test('every reason has the status of its kind, but for those that HTTP has a closer one for', (t) => {
  for (const [reason, { kind }] of Object.entries(REASONS)) {
    const { status, headers } = httpError(new BerthError(reason as Reason, 'x'), 'id');
    t.is(status, CLOSER[reason] ?? STATUS_OF_KIND[kind] ?? 0, reason);
    t.is('retry-after' in headers, status === 503, reason);
    t.is('www-authenticate' in headers, status === 401, reason);
  }
});

test('an error of a role keeps what it was, whether a client read it or it is raw', (t) => {
  const told = new BerthError('NO_SUCH_LEASE', 'gone', { resource: { type: 'berth.dev/Lease', name: 'l1' } });
  const expected = httpError(told, 'id');
  const raw = Object.assign(new Error('5 NOT_FOUND: gone'), errorStatus(told));
  t.deepEqual(httpError(raw, 'id'), expected);
  const { reason, message, details } = told;
  t.deepEqual(httpError(Object.assign(new Error(message), { reason, code: 5, details }), 'id'), expected);
  const fromAfar = { reason: 'OF_A_LATER_VERSION', code: 9, details: {} };
  t.like(httpError(Object.assign(new Error('why'), fromAfar), 'id'), {
    status: 400,
    body: { code: 9, message: 'why' },
  });
  const bare = Object.assign(new Error(''), { code: 14, details: 'no connection', metadata: new Metadata() });
  t.deepEqual(httpError(bare, 'id'), {
    status: 503,
    headers: { 'retry-after': '1' },
    body: { code: 14, message: 'no connection', details: [] },
  });
});
