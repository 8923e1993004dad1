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
import { errorStatus, rpcStatus, shortRpcStatus } from './error-status.js';

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

test('an error about several things names each with its holder', (t) => {
  const resources = ['b1', 'b2'].map((name) => ({ type: 'berth.dev/Bench', name, owner: `holder of ${name}` }));
  const { details } = rpcStatus(new BerthError('BENCH_BUSY', 'nothing is free', { resources }));
  const infos = details.filter(({ typeUrl }) => typeUrl.endsWith('/google.rpc.ResourceInfo'));
  t.deepEqual(
    infos.map(({ value }) => ResourceInfo.decode(value)).map(({ resourceName, owner }) => [resourceName, owner]),
    resources.map(({ name, owner }) => [name, owner]),
  );
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

/** The bytes of an error's trailers as they are sent. */
function sentBytes(error: BerthError): number {
  const { details, metadata } = errorStatus(error);
  const bin = metadata.get('grpc-status-details-bin')[0] as Buffer;
  return encodeURI(details).length + bin.toString('base64').length;
}

for (const [name, letter] of Object.entries({ Cyrillic: 'ж', CJK: '測', emoji: '🔧', spaces: ' a', Latin: 'y' })) {
  test(`an error in ${name} letters takes at most 6 KiB as it is sent, and what is cut is marked`, (t) => {
    const text = letter.repeat(3000);
    for (const message of ['short', text]) {
      const error = new BerthError('BENCH_BUSY', message, {
        fields: Array.from({ length: 200 }, () => ({ field: 'f', description: text })),
        preconditions: Array.from({ length: 200 }, () => ({ type: 't', subject: 's', description: text })),
        quota: Array.from({ length: 200 }, () => ({ subject: 's', description: text })),
        resource: { type: 'bench', name: 'b1', owner: text, description: text },
        metadata: { holder: text },
        retryAfterMs: 1500,
      });
      t.true(sentBytes(error) <= 6 * 1024 - 300, String(sentBytes(error)));
      const { details } = errorStatus(error);
      t.true(message === 'short' ? details === 'short' : details.endsWith('…') && details.length > 300);
      const info = ErrorInfo.decode(detailsOf(error).get('ErrorInfo') ?? Buffer.of());
      t.is(info.reason, 'BENCH_BUSY');
      t.true(info.metadata['cut'] === 'true' || info.metadata['holder']?.endsWith('…'));
      t.true(detailsOf(error).has('RetryInfo'));
    }
  });
}

test('a list that is cut says how many are left out', (t) => {
  const fields = Array.from({ length: 150 }, (_, i) => ({ field: `f${String(i)}`, description: 'wrong' }));
  const bytes = detailsOf(new BerthError('INVALID_FIELD', 'many', { fields })).get('BadRequest') ?? Buffer.of();
  const { fieldViolations } = BadRequest.decode(bytes);
  t.is(fieldViolations.length, 101);
  t.like(fieldViolations[100], { field: '', description: '… and 50 more' });
});

test('a text that cannot be percent-encoded does not break the answer', (t) => {
  const { details } = errorStatus(new BerthError('INVALID_QUERY', 'half a pair: \ud83d'));
  t.notThrows(() => encodeURI(details));
});

test('the least of an error has its code, its reason and the beginning of its message', (t) => {
  for (const text of ['測'.repeat(2000), '😀'.repeat(500), 'short']) {
    const status = shortRpcStatus(new BerthError('REQUEST_UNSATISFIABLE', text, { metadata: { text } }));
    t.true(Status.encode(status).finish().length <= 190);
    t.true(text.startsWith(status.message.replace(/…$/, '')));
    t.is(status.message.endsWith('…'), text.length > 24);
  }
});
