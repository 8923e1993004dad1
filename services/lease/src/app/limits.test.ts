import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import type { LabRules, RequestSpec } from '../domain/index.js';
import { LabState } from '../domain/index.js';
import { msgpackCodec } from '../store/msgpack-codec.js';
import { RULES } from '../../simulation/specs.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const rules: LabRules = { ...RULES, limits: { roles: { user: { held: 1 } }, teams: { ci: { held: 2 } } } };
const settings = { rules };

function of(owner: string, more: Partial<RequestSpec> = {}): Partial<RequestSpec> {
  return { owner, role: 'user', ...more };
}

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;

withRedis('two replicas on one Redis hold back the same requests, whichever of them the caller asks', async (t) => {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const clock = systemClock();
  const [storeA, storeB] = [
    await openRedisEventLogStore({ url: redis.url, clock }),
    await openRedisEventLogStore({ url: redis.url, clock }),
  ];
  const a = await openTestLab({ store: storeA, settings, benches: [bench('b1', 'x'), bench('b2', 'x')] });
  const b = await openTestLab({ store: storeB, settings });
  const [first, second, other] = [new TestStream(), new TestStream(), new TestStream()];
  const held = a.lab.acquire(request('r1', 'x', of('ann')), first, first);
  await until(() => first.lease !== undefined, { what: 'ann to hold' });
  const waits = b.lab.acquire(request('r2', 'x', of('ann')), second, second);
  await until(() => second.views.length > 0, { what: 'her second request to be answered' });
  t.is(second.views[0]?.reason, 'QUOTA');
  t.deepEqual(second.views[0]?.quota, { of: 'owner', name: 'ann', limit: 1, has: 1 });
  await until(() => a.lab.state.requests.has('r2'), { what: 'the first replica to see it' });
  const waiting = a.lab.state.requests.get('r2');
  t.is(waiting && a.lab.views.queued(waiting, a.lab.now()).reason, 'QUOTA');
  const bobs = b.lab.acquire(request('r3', 'x', of('bob')), other, other);
  await until(() => other.lease !== undefined, { what: 'bob to hold' });
  first.hangUp();
  await held;
  await until(() => second.lease !== undefined, { what: 'her second request to be granted' });
  for (const stream of [second, other]) stream.hangUp();
  await Promise.all([waits, bobs]);
  for (const lab of [a, b]) await lab.close();
  await Promise.all([storeA.close(), storeB.close()]);
});

test('a waiting stream is told when more of its limit is used', async (t) => {
  const teams = { ci: { held: 2 } };
  const { lab, close } = await openTestLab({
    settings: { rules: { ...RULES, limits: { roles: {}, teams } } },
    benches: ['b1', 'b2', 'b3', 'b4'].map((name) => bench(name, name)),
  });
  t.teardown(close);
  const team = 'ci';
  const [one, two] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'b1', { team, hold: 'MANUAL' }), one, one);
  const [need, more] = [request('x', 'b2').requirements[0]!, request('x', 'b3').requirements[0]!];
  const waits = lab.acquire(request('r2', 'b2', { team, requirements: [need, more] }), two, two);
  await until(() => two.views.length > 0, { what: 'a place' });
  t.is(two.views.at(-1)?.quota?.has, 1);
  const three = new TestStream();
  await lab.acquire(request('r3', 'b4', { team, hold: 'MANUAL' }), three, three);
  await until(() => two.views.at(-1)?.quota?.has === 2, { what: 'the second to be told' });
  two.hangUp();
  await waits;
});

test('what is held and what waits counts after a snapshot', async (t) => {
  const { lab, close } = await openTestLab({ settings, benches: [bench('b1', 'x'), bench('b2', 'x')] });
  t.teardown(close);
  const [holder, waiter] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'x', of('ann', { team: 'ci', hold: 'MANUAL' })), holder, holder);
  const waits = lab.acquire(request('r2', 'x', of('ann', { team: 'ci' })), waiter, waiter);
  await until(() => waiter.views.length > 0, { what: 'the second to wait' });
  const copy = new LabState(rules);
  msgpackCodec.decodeState(msgpackCodec.encodeState(lab.state), copy);
  t.like(copy.usage?.owners.get('ann'), { held: 1, waiting: 1 });
  t.like(copy.usage?.teams.get('ci'), { held: 1, waiting: 1 });
  waiter.hangUp();
  await waits;
});
