import { BerthError, Status } from '@berth/client';
import test from 'ava';
import { tell } from './errors.js';
import { UsageError } from './usage-error.js';

const server = { address: '127.0.0.1:7070', addressFrom: 'BERTH_ADDRESS' };

test('exit codes tell what kind of failure it was', (t) => {
  const codes: [string, Status, number][] = [
    ['STORE_UNAVAILABLE', Status.UNAVAILABLE, 69],
    ['BENCH_UNAVAILABLE', Status.FAILED_PRECONDITION, 69],
    ['DEADLINE_EXCEEDED', Status.DEADLINE_EXCEEDED, 69],
    ['WAIT_TIMEOUT', Status.DEADLINE_EXCEEDED, 75],
    ['BENCH_BUSY', Status.RESOURCE_EXHAUSTED, 75],
    ['PERMISSION_DENIED', Status.PERMISSION_DENIED, 77],
    ['INVALID_QUERY', Status.INVALID_ARGUMENT, 64],
    ['NO_SUCH_BENCH', Status.NOT_FOUND, 1],
    ['NOT_AUTHENTICATED', Status.UNAUTHENTICATED, 77],
    ['BAD_CREDENTIALS', Status.UNAUTHENTICATED, 77],
    ['RATE_LIMITED', Status.RESOURCE_EXHAUSTED, 75],
    ['QUOTA', Status.RESOURCE_EXHAUSTED, 75],
    ['ROLE_UNAVAILABLE', Status.UNAVAILABLE, 69],
  ];
  for (const [reason, code, exit] of codes)
    t.is(tell(new BerthError(reason, code, 'x'), server).exitCode, exit, reason);
  t.is(tell(new UsageError('x'), server).exitCode, 64);
  t.is(tell(new Error('x'), server).exitCode, 1);
});

test('a server that does not answer is named, with where its address came from', (t) => {
  const details = { connection: 'OTHER' } as const;
  const error = new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'connect ECONNREFUSED 127.0.0.1:7070', details);
  const told = tell(error, server);
  t.regex(
    told.text,
    /^berth: no Berth server answers at 127\.0\.0\.1:7070 \(connect ECONNREFUSED 127\.0\.0\.1:7070\)$/m,
  );
  t.regex(told.text, /next: .*came from BERTH_ADDRESS/);
});

test('a fault of TLS is told with the setting that mends it', (t) => {
  const details = { connection: 'UNTRUSTED' } as const;
  const told = tell(new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'not trusted here', details), server);
  t.is(told.exitCode, 69);
  t.regex(told.text, /^berth: no connection to 127\.0\.0\.1:7070: not trusted here\n {2}next: .*--ca \(BERTH_CA\)/);
});

test('the faults of a file are told once, by place', (t) => {
  const fields = [{ field: 'vms.max', description: 'my pools.yaml:2:3: is the number -1; one from 0 is expected' }];
  const message =
    'the file of pools has 1 fault:\n  my pools.yaml:2:3: vms.max: is the number -1; one from 0 is expected';
  const told = tell(new BerthError('INVALID_POOLS', Status.INVALID_ARGUMENT, message, { fields }, true), server);
  t.is(told.text, `berth: ${message} [INVALID_POOLS]`);
});

test('the places of a fault follow its summary', (t) => {
  const fields = [
    { field: 'requirements[0].count', description: 'must be at least 1' },
    { field: 'ttl', description: 'must be positive' },
  ];
  const error = new BerthError('INVALID_FIELD', Status.INVALID_ARGUMENT, '2 faults', { fields }, true);
  const told = tell(error, server);
  t.is(
    told.text,
    'berth: 2 faults [INVALID_FIELD]\n  requirements[0].count: must be at least 1\n  ttl: must be positive',
  );
  t.deepEqual(told.value, { reason: 'INVALID_FIELD', code: 'INVALID_ARGUMENT', message: '2 faults', fields });
});
