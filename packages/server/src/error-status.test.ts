import type { ErrorKind } from '@berth/kernel';
import { BerthError, REASONS } from '@berth/kernel';
import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  QuotaFailure,
  ResourceInfo,
} from '@berth/proto/google/rpc/error_details';
import { Status } from '@berth/proto/google/rpc/status';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { errorStatus } from './error-status.js';

function detailsOf(error: BerthError): Map<string, Uint8Array> {
  const bytes = errorStatus(error).metadata.get('grpc-status-details-bin')[0] as Buffer;
  return new Map(
    Status.decode(bytes).details.map(({ typeUrl, value }) => [
      typeUrl.replace('type.googleapis.com/google.rpc.', ''),
      value,
    ]),
  );
}

test('every reason has a status that is an error, and none is UNKNOWN', (t) => {
  const kinds = new Map<ErrorKind, status>();
  for (const reason of Object.keys(REASONS) as (keyof typeof REASONS)[]) {
    const error = new BerthError(reason, 'x');
    kinds.set(error.kind, errorStatus(error).code);
  }
  t.false([...kinds.values()].includes(status.OK));
  t.false([...kinds.values()].includes(status.UNKNOWN));
  t.is(new Set(kinds.values()).size, kinds.size);
  t.is(kinds.get('exhausted'), status.RESOURCE_EXHAUSTED);
});

test('all facts of an error reach the caller', (t) => {
  const details = detailsOf(
    new BerthError('BENCH_UNAVAILABLE', 'in maintenance', {
      fields: [{ field: 'requirements[0]', description: 'only resource1 fits' }],
      preconditions: [{ type: 'CONDITION', subject: 'resource1', description: 'MAINTENANCE' }],
      resource: { type: 'bench', name: 'resource1', owner: 'ada' },
      quota: [{ subject: 'ada', description: 'two at most' }],
      metadata: { until: '2026-01-01' },
    }),
  );
  t.deepEqual(ErrorInfo.decode(details.get('ErrorInfo') ?? Buffer.of()), {
    reason: 'BENCH_UNAVAILABLE',
    domain: 'berth.dev',
    metadata: { until: '2026-01-01' },
  });
  t.is(BadRequest.decode(details.get('BadRequest') ?? Buffer.of()).fieldViolations[0]?.field, 'requirements[0]');
  t.is(
    PreconditionFailure.decode(details.get('PreconditionFailure') ?? Buffer.of()).violations[0]?.subject,
    'resource1',
  );
  t.is(ResourceInfo.decode(details.get('ResourceInfo') ?? Buffer.of()).owner, 'ada');
  t.is(QuotaFailure.decode(details.get('QuotaFailure') ?? Buffer.of()).violations[0]?.description, 'two at most');
});

test('an error with a thousand faults still fits in the headers that callers take', (t) => {
  const fields = Array.from({ length: 1000 }, (_, i) => ({
    field: `pool.resources[${String(i)}]`,
    description: 'x'.repeat(200),
  }));
  const error = new BerthError('INVALID_INVENTORY', 'y'.repeat(10_000), { fields });
  const { details, metadata } = errorStatus(error);
  t.is(details.length, 2000);
  t.true((metadata.get('grpc-status-details-bin')[0] as Buffer).length <= 5000);
  t.is(ErrorInfo.decode(detailsOf(error).get('ErrorInfo') ?? Buffer.of()).reason, 'INVALID_INVENTORY');
});

test('a text that cannot be percent-encoded does not break the answer', (t) => {
  const { details } = errorStatus(new BerthError('INVALID_QUERY', 'half a pair: \ud83d'));
  t.notThrows(() => encodeURI(details));
});
