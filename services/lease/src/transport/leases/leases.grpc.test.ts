import type { Lease } from '@berth/proto/berth/lease/v1/lease';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf, leaseOn } from './acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

const RESOURCE = [{ bench: 'resource1' }];
const MANUAL = { requirements: RESOURCE, hold: HoldMode.MANUAL };
const TTL = { requirements: RESOURCE, hold: HoldMode.TTL, ttl: { seconds: 60, nanos: 0 } };

function remainingMs(lease: Lease | undefined): number {
  const { seconds = NaN, nanos = NaN } = lease?.remaining ?? {};
  return seconds * 1000 + nanos / 1e6;
}

test('a TTL lease is renewed by its holder, with its token', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, TTL, 'ann/user');
  const { lease: renewed } = await server.lease.call(
    'renew',
    { leaseId: lease.id, fencingToken: lease.fencingToken },
    'ann/user',
  );
  t.is(renewed?.id, lease.id);
  t.true(remainingMs(renewed) > remainingMs(lease));
  t.true(remainingMs(renewed) <= 60_000);
  const stale = await server.lease.refusal('renew', { leaseId: lease.id, fencingToken: 1 }, 'ann/user');
  t.deepEqual([stale.code, stale.reason], ['FAILED_PRECONDITION', 'STALE_TOKEN']);
  const other = await server.lease.refusal('renew', { leaseId: lease.id }, 'bob/user');
  t.deepEqual([other.code, other.reason], ['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  const gone = await server.lease.refusal('renew', { leaseId: 'ls-none' });
  t.deepEqual([gone.code, gone.reason], ['NOT_FOUND', 'NO_SUCH_LEASE']);
});

test('a lease that has no TTL is not renewed', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL);
  const error = await server.lease.refusal('renew', { leaseId: lease.id });
  t.deepEqual([error.code, error.reason], ['FAILED_PRECONDITION', 'NOT_A_TTL_LEASE']);
  t.is(
    error.text,
    `lease '${lease.id}' is kept by MANUAL, not by a TTL, so there is nothing to renew; release it when you are done.`,
  );
});

test('one stream renews many leases, and a dead one is an answer', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, TTL, 'ann/user');
  const twin = await acquire(server, { ...MANUAL, requirements: [{ bench: 'twin1' }] }, 'ann/user');
  const foreign = await acquire(server, { ...TTL, requirements: [{ bench: 'twin2' }] }, 'bob/user');
  const stream = server.lease.converse('keepAlive', 'ann/user');
  const sent = [
    { leaseId: lease.id },
    { leaseId: 'ls-none' },
    { leaseId: lease.id, fencingToken: 1 },
    { leaseId: twin.lease.id },
    { leaseId: foreign.lease.id },
    { leaseId: '' },
    { leaseId: lease.id, lab: 'NO LAB' },
    { leaseId: lease.id, fencingToken: lease.fencingToken },
  ];
  for (const request of sent) stream.send(request);
  for (const [i, reason] of [
    '',
    'NO_SUCH_LEASE',
    'STALE_TOKEN',
    'NOT_A_TTL_LEASE',
    'PERMISSION_DENIED',
    'INVALID_FIELD',
    'INVALID_FIELD',
    '',
  ].entries()) {
    const answer = await stream.next();
    t.deepEqual([answer.leaseId, answer.errorReason], [sent[i]?.leaseId, reason]);
    t.is(answer.remaining === undefined, reason !== '');
    t.is(answer.errorMessage === '', reason === '');
  }
  stream.end();
  t.is(await stream.over, undefined);
});

test('a release frees the bench, and releasing twice is harmless', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL, 'ann/user');
  const stale = await server.lease.refusal(
    'release',
    { leaseId: lease.id, fencingToken: lease.fencingToken - 1 },
    'ann/user',
  );
  t.is(stale.reason, 'STALE_TOKEN');
  const denied = await server.lease.refusal('release', { leaseId: lease.id }, 'bob/user');
  t.is(denied.reason, 'PERMISSION_DENIED');
  const request = { leaseId: lease.id, fencingToken: lease.fencingToken };
  t.true((await server.lease.call('release', request, 'ann/user')).released);
  t.false((await server.lease.call('release', request, 'ann/user')).released);
  t.is((await server.lease.refusal('getLease', { leaseId: lease.id })).reason, 'NO_SUCH_LEASE');
});

test('a repeated revocation gives the same answer', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL);
  const request = { leaseId: lease.id, reason: 'drill', requestId: 'rv-1' };
  t.true((await server.lease.call('revoke', request)).revoked);
  t.true((await server.lease.call('revoke', request)).revoked);
  t.false((await server.lease.call('revoke', { ...request, requestId: 'rv-2' })).revoked);
  const reused = await server.lease.refusal('revoke', { ...request, reason: 'other' });
  t.is(reused.reason, 'REQUEST_ID_REUSED');
});

test('a transfer leaves no gap for those who wait, and repeats alike', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL);
  const waiting = server.lease.open('acquire', { requirements: RESOURCE }, 'cy');
  await eventOf(waiting, 'queued');
  const request = { leaseId: lease.id, newOwner: 'bob', reason: 'shift', requestId: 'tr-1' };
  const { lease: moved } = await server.lease.call('transfer', request);
  t.deepEqual([moved?.owner, moved?.transferredFrom, moved?.hold], ['bob', 'ann', HoldMode.MANUAL]);
  t.not(moved?.id, lease.id);
  t.true((moved?.fencingToken ?? 0) > lease.fencingToken);
  t.is((await server.lease.call('transfer', request)).lease?.id, moved?.id);
  t.is((await server.lease.call('release', { leaseId: moved?.id ?? '' }, 'bob/user')).released, true);
  t.is((await leaseOn(waiting)).owner, 'cy');
  waiting.hangUp();
});

test('an extension moves the end', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, { ...MANUAL, maxDuration: { seconds: 60, nanos: 0 } });
  t.true(remainingMs(lease) > 0 && remainingMs(lease) <= 60_000);
  const request = { leaseId: lease.id, duration: { seconds: 600, nanos: 0 }, requestId: 'ex-1' };
  const { lease: extended } = await server.lease.call('extend', request);
  t.true((extended?.endTime?.getTime() ?? 0) > (lease.endTime?.getTime() ?? 0));
  t.deepEqual((await server.lease.call('extend', request)).lease?.endTime, extended?.endTime);
});

test('leases are listed by grant, by owner, by bench and in pages', async (t) => {
  const server = await serveLab(t);
  const one = await acquire(server, MANUAL, 'ann');
  const two = await acquire(server, { ...MANUAL, requirements: [{ bench: 'twin1' }] }, 'bob');
  const three = await acquire(server, { ...MANUAL, requirements: [{ bench: 'twin2' }] }, 'ann');
  const ids = async (request: object): Promise<string[]> =>
    (await server.lease.call('listLeases', request)).leases.map(({ id }) => id);
  t.deepEqual(await ids({}), [one.lease.id, two.lease.id, three.lease.id]);
  t.deepEqual(await ids({ owner: 'ann' }), [one.lease.id, three.lease.id]);
  t.deepEqual(await ids({ bench: 'twin1' }), [two.lease.id]);
  const first = await server.lease.call('listLeases', { pageSize: 2 });
  t.true(first.revision >= three.lease.fencingToken);
  t.deepEqual(await ids({ pageSize: 2, pageToken: first.nextPageToken }), [three.lease.id]);
  const bare = await server.lease.call('listLeases', { idsOnly: true });
  t.deepEqual(
    bare.leases.map(({ id, owner, benches }) => [id, owner, benches.length]),
    [one, two, three].map(({ lease }) => [lease.id, '', 0]),
  );
  const asked = ['ls-none', three.lease.id, two.lease.id, three.lease.id];
  t.deepEqual(await ids({ leaseIds: asked }), [two.lease.id, three.lease.id]);
  t.deepEqual(await ids({ leaseIds: asked, owner: 'ann', bench: 'twin2' }), [three.lease.id]);
  t.deepEqual(await ids({ leaseIds: ['ls-none'] }), []);
  const half = await server.lease.call('listLeases', { leaseIds: asked, pageSize: 1 });
  t.deepEqual(await ids({ leaseIds: asked, pageSize: 1, pageToken: half.nextPageToken }), [three.lease.id]);
  const tooMany = await server.lease.refusal('listLeases', { leaseIds: Array.from({ length: 1001 }, String) });
  t.deepEqual(tooMany.fields, ['lease_ids: has 1001 ids; allowed are 1000']);
  const mixed = await server.lease.refusal('listLeases', { owner: 'ann', pageToken: first.nextPageToken });
  t.is(mixed.reason, 'INVALID_PAGE_TOKEN');
  t.is((await server.lease.refusal('listLeases', { bench: 'nowhere' })).reason, 'NO_SUCH_BENCH');
});

test('a guard can ask whether a token is the current one', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, TTL);
  const { fencingToken } = lease;
  const good = await server.lease.call('checkToken', { bench: 'resource1', fencingToken });
  t.deepEqual([good.current, good.holder, good.remaining !== undefined], [true, 'ann', true]);
  const old = await server.lease.call('checkToken', { bench: 'resource1', fencingToken: fencingToken - 1 });
  t.deepEqual([old.current, old.holder, old.remaining], [false, 'ann', undefined]);
  const free = await server.lease.call('checkToken', { bench: 'twin1', fencingToken });
  t.deepEqual([free.current, free.holder], [false, '']);
  t.is((await server.lease.refusal('checkToken', { bench: 'nowhere', fencingToken })).reason, 'NO_SUCH_BENCH');
});
