import { HoldMode, EndReason, WaitReason, WarningKind } from '@berth/proto/berth/lease/v1/lease';
import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import test from 'ava';
import { acquire, eventOf, leaseOn } from './acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

const QUERY = 'location=office1&attributes=[a]&entity_properties=[[c],[e]]';
const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

test('the query of the inventory page gets the bench, with everything its holder needs', async (t) => {
  const server = await serveLab(t);
  const { stream, lease } = await acquire(server, {
    requirements: [{ query: QUERY }],
    description: 'flash',
    labels: { ci: '7' },
  });
  const [bench] = lease.benches;
  t.is(bench?.name, 'resource1');
  t.is(bench?.entities['dut']?.properties['socket'], '127.0.0.1:4567');
  t.deepEqual([lease.owner, lease.lab, lease.description, lease.labels], ['ann', 'default', 'flash', { ci: '7' }]);
  t.is(lease.hold, HoldMode.CONNECTION);
  t.true(lease.fencingToken > 0);
  t.true((lease.remaining?.seconds ?? 0) > 0, 'a connection lease says how long it is valid without a heartbeat');
  t.is(lease.expireTime, undefined);
  stream.hangUp();
});

test('a waiter sees its place and who holds the bench, and gets it when the holder hangs up', async (t) => {
  const server = await serveLab(t);
  const { stream, lease } = await acquire(server, { requirements: [{ bench: 'resource1' }], description: 'long test' });
  const waiting = server.lease.open('acquire', { requirements: [{ attributes: ['a'] }] }, 'bob');
  const queued = await eventOf(waiting, 'queued');
  t.deepEqual([queued.position, queued.waiting, queued.reason, queued.candidateTotal], [1, 1, WaitReason.HELD, 1]);
  const [candidate] = queued.candidates;
  t.deepEqual([candidate?.bench, candidate?.holder, candidate?.holderDescription], ['resource1', 'ann', 'long test']);
  t.deepEqual(candidate?.heldSince, lease.grantTime);
  t.is(candidate?.waiting, 1);
  stream.hangUp();
  const next = await leaseOn(waiting);
  t.is(next.owner, 'bob');
  t.true(next.fencingToken > lease.fencingToken);
  waiting.hangUp();
});

test('TTL and MANUAL streams end after the grant, and the lease stays', async (t) => {
  const server = await serveLab(t);
  const manual = await acquire(server, MANUAL);
  t.is(await manual.stream.over, undefined);
  const ttl = await acquire(server, {
    requirements: [{ bench: 'twin1' }],
    hold: HoldMode.TTL,
    ttl: { seconds: 60, nanos: 0 },
  });
  t.is(await ttl.stream.over, undefined);
  const { leases } = await server.lease.call('listLeases', {});
  t.deepEqual(
    leases.map(({ id }) => id),
    [manual.lease.id, ttl.lease.id],
  );
  t.deepEqual(
    leases.map(({ remaining }) => remaining === undefined),
    [true, false],
  );
  t.true((ttl.lease.remaining?.seconds ?? 0) <= 60);
});

test('the same request id gives the same lease, another payload is refused', async (t) => {
  const server = await serveLab(t);
  const request = { ...MANUAL, requestId: 'job-1' };
  const first = await acquire(server, request);
  const again = await acquire(server, request);
  t.is(again.lease.id, first.lease.id);
  t.is(again.lease.fencingToken, first.lease.fencingToken);
  const other = await server.lease.open('acquire', { ...request, description: 'changed' }).over;
  t.deepEqual([other?.code, other?.reason], ['INVALID_ARGUMENT', 'REQUEST_ID_REUSED']);
});

test('several benches come together, counts expanded', async (t) => {
  const server = await serveLab(t);
  const { lease, stream } = await acquire(server, { requirements: [{ attributes: ['twin'], count: 2 }] });
  t.deepEqual(lease.benches.map(({ name }) => name).sort(), ['twin1', 'twin2']);
  stream.hangUp();
});

test('a revoked holder is told by whom and why, and its stream ends OK', async (t) => {
  const server = await serveLab(t);
  const { lease, stream } = await acquire(server, { requirements: [{ bench: 'resource1' }] });
  await server.lease.call('revoke', { leaseId: lease.id, reason: 'fire drill' }, 'op/operator');
  const ended = await eventOf(stream, 'ended');
  t.deepEqual(
    [ended.reason, ended.actor?.name, ended.message, ended.leaseId],
    [EndReason.REVOKED, 'op', 'fire drill', lease.id],
  );
  t.is(await stream.over, undefined);
});

test('a holder is warned when its bench is wanted for maintenance', async (t) => {
  const server = await serveLab(t);
  const { stream } = await acquire(server, { requirements: [{ bench: 'resource1' }] });
  await server.inventory.call('setCondition', {
    name: 'resource1',
    condition: { state: ConditionState.MAINTENANCE, reason: 'new fan' },
  });
  const warning = await eventOf(stream, 'warning');
  t.is(warning.kind, WarningKind.BENCH_WANTED);
  t.regex(warning.message, /MAINTENANCE .* new fan/);
  stream.hangUp();
});

test('what cannot be served says why', async (t) => {
  const server = await serveLab(t);
  const nowhere = await server.lease.open('acquire', { requirements: [{ location: 'moon' }] }).over;
  t.deepEqual([nowhere?.code, nowhere?.reason], ['NOT_FOUND', 'NO_SUCH_BENCH']);
  await acquire(server, { ...MANUAL, description: 'long test' });
  const none = { seconds: 0, nanos: 0 };
  const busy = await server.lease.open('acquire', { requirements: [{ bench: 'resource1' }], waitTimeout: none }).over;
  t.deepEqual([busy?.code, busy?.reason], ['RESOURCE_EXHAUSTED', 'BENCH_BUSY']);
  t.regex(busy?.text ?? '', /'resource1' is held by ann \(long test\)/);
  const moment = { seconds: 0, nanos: 20_000_000 };
  const late = await server.lease.open('acquire', { requirements: [{ bench: 'resource1' }], waitTimeout: moment }).over;
  t.deepEqual([late?.code, late?.reason], ['DEADLINE_EXCEEDED', 'WAIT_TIMEOUT']);
  await server.inventory.call('setCondition', {
    name: 'twin1',
    condition: { state: ConditionState.OFFLINE, reason: 'no power' },
  });
  const offline = await server.lease.open('acquire', { requirements: [{ bench: 'twin1' }] }).over;
  t.deepEqual([offline?.code, offline?.reason], ['FAILED_PRECONDITION', 'BENCH_UNAVAILABLE']);
  t.regex(offline?.text ?? '', /no power/);
});

test('a server that stops warns holders and sends everybody back with UNAVAILABLE', async (t) => {
  const server = await serveLab(t);
  const { stream } = await acquire(server, {
    requirements: [{ bench: 'resource1' }],
    reconnectGrace: { seconds: 60, nanos: 0 },
  });
  const waiting = server.lease.open('acquire', { requirements: [{ bench: 'resource1' }] });
  await eventOf(waiting, 'queued');
  const watching = server.lease.open('watch', {});
  await watching.next();
  const renewing = server.lease.converse('keepAlive');
  renewing.send({ leaseId: 'x' });
  await renewing.next();
  const stopped = server.stop();
  t.is((await eventOf(stream, 'warning')).kind, WarningKind.SHUTDOWN);
  for (const call of [stream, waiting, watching, renewing]) {
    const error = await call.over;
    t.deepEqual([error?.code, error?.reason], ['UNAVAILABLE', 'SHUTTING_DOWN']);
  }
  await stopped;
});

test('an unattended request that is to be told once ends its stream, waits on, and is found by the same id', async (t) => {
  const server = await serveLab(t);
  const { stream } = await acquire(server, { requirements: [{ bench: 'resource1' }] });
  const request = { ...MANUAL, requestId: 'ticket', unattended: true };
  const once = server.lease.open('acquire', { ...request, tellOnce: true });
  t.is((await eventOf(once, 'queued')).requestId, 'ticket');
  t.is(await once.over, undefined);
  t.is(once.messages.length, 1);
  const { requests } = await server.lease.call('listQueue', {});
  t.like(requests[0], { requestId: 'ticket', detached: false });
  const waiting = server.lease.open('acquire', request);
  await eventOf(waiting, 'queued');
  stream.hangUp();
  const lease = await leaseOn(waiting);
  const again = server.lease.open('acquire', { ...request, tellOnce: true });
  t.is((await leaseOn(again)).id, lease.id);
  t.is(await again.over, undefined);
});
