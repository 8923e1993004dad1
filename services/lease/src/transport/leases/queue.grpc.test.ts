import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf, leaseOn } from './acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

const RESOURCE = [{ bench: 'resource1' }];

test('the queue is listed best first, by owner and by bench, in pages', async (t) => {
  const server = await serveLab(t);
  await acquire(server, { requirements: RESOURCE, hold: HoldMode.MANUAL });
  const streams = [];
  for (const [requestId, priority] of [
    ['low', 10],
    ['high', 90],
    ['mid', 50],
  ] as const) {
    const stream = server.lease.open(
      'acquire',
      { requirements: RESOURCE, requestId, priority, labels: { p: String(priority) } },
      requestId,
    );
    await eventOf(stream, 'queued');
    streams.push(stream);
  }
  const all = await server.lease.call('listQueue', {});
  t.deepEqual(
    all.requests.map(({ requestId, position, priority }) => [requestId, position, priority]),
    [
      ['high', 1, 90],
      ['mid', 2, 50],
      ['low', 3, 10],
    ],
  );
  t.is(all.waiting, 3);
  const ids = async (request: object): Promise<string[]> =>
    (await server.lease.call('listQueue', request)).requests.map(({ requestId }) => requestId);
  t.deepEqual(await ids({ owner: 'mid' }), ['mid']);
  t.deepEqual(await ids({ bench: 'twin1' }), []);
  const first = await server.lease.call('listQueue', { pageSize: 2, bench: 'resource1' });
  t.deepEqual(await ids({ pageSize: 2, bench: 'resource1', pageToken: first.nextPageToken }), ['low']);
  for (const stream of streams) stream.hangUp();
});

test('an operator changes who goes first', async (t) => {
  const server = await serveLab(t);
  const holder = await acquire(server, { requirements: RESOURCE, hold: HoldMode.MANUAL });
  const one = server.lease.open('acquire', { requirements: RESOURCE, requestId: 'one' });
  await eventOf(one, 'queued');
  const two = server.lease.open('acquire', { requirements: RESOURCE, requestId: 'two' });
  await eventOf(two, 'queued');
  const request = { targetRequestId: 'two', priority: 100, requestId: 'sp-1' };
  const { request: moved } = await server.lease.call('setPriority', request);
  t.deepEqual([moved?.position, moved?.priority], [1, 100]);
  t.is((await server.lease.call('setPriority', request)).request?.position, 1);
  await server.lease.call('release', { leaseId: holder.lease.id });
  t.is((await leaseOn(two)).requestId, 'two');
  const gone = await server.lease.refusal('setPriority', { targetRequestId: 'two', priority: 1 });
  t.deepEqual([gone.code, gone.reason], ['NOT_FOUND', 'NO_SUCH_REQUEST']);
  one.hangUp();
  two.hangUp();
});

test('a cancelled waiter is told by whom and why', async (t) => {
  const server = await serveLab(t);
  await acquire(server, { requirements: RESOURCE, hold: HoldMode.MANUAL });
  const waiting = server.lease.open('acquire', { requirements: RESOURCE, requestId: 'one' }, 'ann/user');
  await eventOf(waiting, 'queued');
  const denied = await server.lease.refusal('cancelRequest', { targetRequestId: 'one' }, 'bob/user');
  t.is(denied.reason, 'PERMISSION_DENIED');
  const request = { targetRequestId: 'one', reason: 'not needed', requestId: 'cr-1' };
  await server.lease.call('cancelRequest', request, 'op/operator');
  await server.lease.call('cancelRequest', request, 'op/operator');
  const error = await waiting.over;
  t.deepEqual([error?.code, error?.reason], ['CANCELLED', 'REQUEST_CANCELLED']);
  t.regex(error?.text ?? '', /op.*not needed/);
  const again = await server.lease.refusal('cancelRequest', { ...request, requestId: 'cr-2' }, 'op/operator');
  t.is(again.reason, 'NO_SUCH_REQUEST');
});
