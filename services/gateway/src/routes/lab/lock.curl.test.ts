import type { Berth } from '@berth/client';
import { ConditionState, connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { requireServer, startBerthd, until } from '@berth/testkit';
import test from 'ava';
import { curl, type Line, startCurl } from './curl.fixture.js';

const INVENTORY = `
pool:
  resources:
    resource1:
      attributes: [a, { name: b, weight: 2 }]
      location: office1
      properties: { room: "12" }
      entities:
        programmer: { attributes: [c, d], properties: { socket: 127.0.0.1:1234, api_key: xyz } }
        dut: { attributes: [e, f], properties: { socket: 127.0.0.1:4567 } }
    killed: {}
    left: {}
    urgent: {}
    busy: {}
    late: {}
    events: {}
    short: {}
    revoked: {}
    forms: {}
    pair1: { attributes: [pair] }
    pair2: { attributes: [pair] }
    maintained: {}
`;

if (requireServer(test, 'curl')) {
  let berthd: Berthd;
  let berth: Berth;
  test.before(async () => {
    berthd = await startBerthd({ inventory: INVENTORY, settings: { http: { listen: '127.0.0.1:0' } } });
    berth = connect({ address: berthd.address, user: 'olga', role: 'operator' });
  });
  test.after.always(async () => {
    berth.close();
    await berthd.stop();
  });

  const url = (query: string): string => `${berthd.http ?? ''}/lock?${query}`;
  const as = (user: string): string[] => ['-u', `${user}:`, '-X', 'POST'];
  const waitersFor = async (bench: string) => (await berth.lease.listQueue({ bench })).requests;
  const holderOf = async (name: string) => (await berth.inventory.getBench({ name })).bench?.holder;

  test('a lock tells what was granted, with entities and properties, and that it lasts', async (t) => {
    const lock = startCurl(t, [...as('ann'), url('location=office1&attributes=[a]&entity_properties=[[c],[e]]')]);
    const granted = await lock.next('granted');
    t.deepEqual(granted['resource'], {
      name: 'resource1',
      location: 'office1',
      attributes: ['a', 'b'],
      entities: {
        programmer: { attributes: ['c', 'd'], properties: { socket: '127.0.0.1:1234', api_key: 'xyz' } },
        dut: { attributes: ['e', 'f'], properties: { socket: '127.0.0.1:4567' } },
      },
      properties: { room: '12' },
      labels: {},
    });
    const [lease] = (await berth.lease.listLeases({ bench: 'resource1' })).leases;
    t.like(granted['lease'], { id: lease?.id, owner: 'ann', fencingToken: lease?.fencingToken, hold: 'connection' });
    t.is(granted['resources'], undefined);
    const beat = await lock.next('heartbeat');
    t.regex(String(beat['time']), /^\d{4}-\d\d-\d\dT/);
  });

  test('a second one waits and sees place and holder; kill -9 of curl frees at once', async (t) => {
    const first = startCurl(t, [...as('ann'), url('resource=killed&description=nightly+flash')]);
    await first.next('granted');
    const second = startCurl(t, [...as('bob'), url('resource=killed')]);
    const queued = await second.next('queued');
    t.like(queued, { position: 1, reason: 'HELD', candidateTotal: 1 });
    const [candidate] = queued['candidates'] as Line[];
    t.like(candidate, { bench: 'killed', holder: 'ann', holderDescription: 'nightly flash' });
    await first.kill();
    t.like((await second.next('granted'))['lease'], { owner: 'bob' });
    await second.kill();
    await until(async () => (await holderOf('killed')) === '', { what: 'the bench to be free' });
  });

  test('hanging up while waiting leaves the queue, and those behind move up', async (t) => {
    const first = startCurl(t, [...as('ann'), url('resource=left')]);
    await first.next('granted');
    const second = startCurl(t, [...as('bob'), url('resource=left')]);
    await second.next('queued');
    const third = startCurl(t, [...as('eve'), url('resource=left')]);
    t.is((await third.next('queued'))['position'], 2);
    await second.kill();
    t.is((await third.next('queued'))['position'], 1);
    t.deepEqual(
      (await waitersFor('left')).map(({ owner }) => owner),
      ['eve'],
    );
    await first.kill();
    await third.next('granted');
  });

  test('priority counts from the default, and goes before', async (t) => {
    const first = startCurl(t, [...as('ann'), url('resource=urgent')]);
    await first.next('granted');
    const second = startCurl(t, [...as('bob'), url('resource=urgent')]);
    await second.next('queued');
    const third = startCurl(t, [...as('eve'), url('resource=urgent&priority=10')]);
    t.is((await third.next('queued'))['position'], 1);
    t.deepEqual(
      (await waitersFor('urgent')).map(({ owner, priority }) => [owner, priority]),
      [
        ['eve', 60],
        ['bob', 50],
      ],
    );
    await first.kill();
    await third.next('granted');
    t.is(await holderOf('urgent'), 'eve');
  });

  test('wait=0 is 423 with the holders', async (t) => {
    const first = startCurl(t, [...as('ann'), url('resource=busy&description=long+test')]);
    await first.next('granted');
    const { status, type, body } = await curl(t, [...as('bob'), url('resource=busy&wait=0')]);
    t.is(status, 423, body);
    t.is(type, 'application/json; charset=utf-8');
    const answer = JSON.parse(body) as { details: Record<string, unknown>[] };
    t.like(answer.details[0], { reason: 'BENCH_BUSY' });
    t.truthy(
      answer.details.find((each) => each['resourceName'] === 'busy' && each['owner'] === 'ann'),
      body,
    );
    t.deepEqual(await waitersFor('busy'), []);
  });

  test('who waits in vain is told so in the last line', async (t) => {
    const first = startCurl(t, [...as('ann'), url('resource=late')]);
    await first.next('granted');
    const second = startCurl(t, [...as('bob'), url('resource=late&wait=0.3')]);
    await second.next('queued');
    const failed = await second.next('failed');
    t.is(failed['status'], 504);
    t.like((failed['error'] as { details: object[] }).details[0], { reason: 'WAIT_TIMEOUT' });
    t.is(await second.ended, 0);
    t.deepEqual(await waitersFor('late'), []);
  });

  test('the same comes as events', async (t) => {
    const accept = ['-H', 'Accept: text/event-stream', '-i'];
    const first = startCurl(t, [...as('ann'), ...accept, url('resource=events')]);
    t.like((await first.next('granted'))['resource'], { name: 'events' });
    t.regex(first.out(), /^HTTP\/1\.1 200 OK\r\n/);
    t.regex(first.out(), /^content-type: text\/event-stream\r\n/m);
    t.regex(first.out(), /\r\n\r\ndata: \{"event":"granted",.*\}\n\n$/);
    const second = startCurl(t, [...as('bob'), ...accept, url('resource=events')]);
    await second.next('queued');
    await first.kill();
    await second.next('granted');
  });

  test('what ends a lease is the last line', async (t) => {
    const short = startCurl(t, [...as('ann'), url('resource=short&max=0.5')]);
    await short.next('granted');
    t.like(await short.next('ended'), { reason: 'MAX_DURATION' });
    t.is(await short.ended, 0);
    const revoked = startCurl(t, [...as('ann'), url('resource=revoked')]);
    const { id } = (await revoked.next('granted'))['lease'] as { id: string };
    await berth.lease.revoke({ leaseId: id, reason: 'needed elsewhere' });
    t.like(await revoked.next('ended'), { reason: 'REVOKED', by: 'olga', message: 'needed elsewhere', lease: id });
    t.is(await revoked.ended, 0);
  });

  test('a form and a JSON object say the same as the query, and a wrong one says what is allowed', async (t) => {
    const form = startCurl(t, ['-u', 'ann:', '-d', 'description=a b', '-d', 'resource=forms', url('')]);
    t.like((await form.next('granted'))['lease'], { description: 'a b' });
    await form.kill();
    const json = ['-H', 'Content-Type: application/json', '-d', '{"resource": "forms", "description": "c"}'];
    const object = startCurl(t, ['-u', 'ann:', ...json, url('')]);
    t.like((await object.next('granted'))['lease'], { description: 'c' });
    await object.kill();
    const xml = await curl(t, ['-H', 'Content-Type: text/xml', '-d', '<a/>', url('resource=forms')]);
    t.is(xml.status, 415, xml.body);
  });

  test('several benches are told together', async (t) => {
    const lock = startCurl(t, [...as('ann'), url('attributes=pair&count=2')]);
    const granted = await lock.next('granted');
    t.deepEqual((granted['resources'] as Line[]).map((each) => each['name']).sort(), ['pair1', 'pair2']);
  });

  const WRONG: readonly (readonly [query: string, status: number, reason: string, says: RegExp])[] = [
    [
      'resource=nothere',
      404,
      'NO_SUCH_BENCH',
      /^what is wanted \(bench=nothere\): no bench and no pool could ever meet this/,
    ],
    ['attributes=[a,nope]', 404, 'NO_SUCH_BENCH', /The nearest is 'resource1'/],
    ['resource=killed&lab=nolab', 404, 'NO_SUCH_LAB', /nolab/],
    ['', 400, 'INVALID_FIELD', /^resource: is missing/],
    ['resurce=killed', 400, 'INVALID_FIELD', /resurce: is no parameter here; did you mean 'resource'/],
    ['attributes=[a', 400, 'INVALID_QUERY', /^query 'attributes=\[a': at position 14: found the end of the query/],
    ['entity_properties=c', 400, 'INVALID_QUERY', /expected '\[' to open the list/],
    ['resource=!', 400, 'INVALID_QUERY', /^query 'bench=!': bench /],
    ['resource=killed&count=2', 400, 'INVALID_QUERY', /only one bench is named/],
    ['resource=killed&wait=soon', 400, 'INVALID_FIELD', /^wait: is "soon"/],
    ['resource=killed&wait=9999999h', 400, 'INVALID_FIELD', /^wait: is .*; at most 3650 days/],
    ['resource=killed&max=0', 400, 'INVALID_FIELD', /^max: /],
    ['resource=killed&priority=99', 400, 'INVALID_FIELD', /^priority: /],
    ['resource=killed&booking=bk-none', 404, 'NO_SUCH_BOOKING', /bk-none/],
  ];
  for (const [query, status, reason, says] of WRONG) {
    test(`/lock?${query} is ${String(status)} ${reason}`, async (t) => {
      const answer = await curl(t, [...as('ann'), url(query)]);
      t.is(answer.status, status, answer.body);
      const { message, details } = JSON.parse(answer.body) as { message: string; details: object[] };
      t.like(details[0], { reason });
      t.regex(message, says);
    });
  }

  test('a bench in maintenance is refused with who and why, and roles hold', async (t) => {
    await berth.inventory.setCondition({
      name: 'maintained',
      condition: { state: ConditionState.MAINTENANCE, reason: 'new relay' },
    });
    const closed = await curl(t, [...as('ann'), url('resource=maintained')]);
    t.is(closed.status, 400, closed.body);
    t.regex(closed.body, /BENCH_UNAVAILABLE.*new relay/);
    const viewer = await curl(t, [...as('ann'), '-H', 'berth-role: viewer', url('resource=killed')]);
    t.is(viewer.status, 403, viewer.body);
    t.regex(viewer.body, /PERMISSION_DENIED/);
  });

  test('a server that stops says so in the last line', async (t) => {
    const own = await startBerthd({ inventory: INVENTORY, settings: { http: { listen: '127.0.0.1:0' } } });
    t.teardown(() => own.stop());
    const held = startCurl(t, [...as('ann'), `${own.http ?? ''}/lock?resource=killed`]);
    await held.next('granted');
    const waiting = startCurl(t, [...as('bob'), `${own.http ?? ''}/lock?resource=killed`]);
    await waiting.next('queued');
    const more = Array.from({ length: 12 }, () => startCurl(t, [...as('eve'), `${own.http ?? ''}/lock?resource=left`]));
    await Promise.all(more.map(({ out }) => until(() => out() !== '', { what: 'each of them to be told something' })));
    await own.kill('SIGTERM');
    t.like(await held.next('ended'), { reason: 'SHUTTING_DOWN' });
    t.like(await waiting.next('failed'), { status: 503 });
    t.deepEqual([await held.ended, await waiting.ended], [0, 0]);
    t.deepEqual(await Promise.all(more.map((one) => one.ended)), Array<number>(12).fill(0));
    t.false(own.log.includes('Warning'), own.log);
  });
}
