import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { planRelease, planRevoke } from '../domain/index.js';
import { bench, named, openTestLab, request, TestStream } from './lab.fixture.js';

const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };

/** Lets everything run that was begun. */
async function settled(lab: Awaited<ReturnType<typeof openTestLab>>['lab']): Promise<void> {
  await lab.run({ requestId: '', fingerprint: '', plan: () => undefined });
}

test('a free bench is granted at once, and hanging up frees it', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  const done = lab.acquire(request('r1', 'a'), stream, stream);
  await settled(lab);
  t.is(stream.lease?.benches[0]?.spec.name, 'b1');
  t.is(stream.positions.length, 0);
  t.is(lab.state.benches.get('b1')?.lease?.id, stream.lease?.id);

  stream.hangUp();
  await done;
  await settled(lab);
  t.is(lab.state.benches.get('b1')?.lease, undefined);
  await close();
});

test('the next waiter is granted when the holder hangs up, the one with the higher priority first', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [first, second, third] = [new TestStream(), new TestStream(), new TestStream()];
  const streams = [
    lab.acquire(request('r1', 'a'), first, first),
    lab.acquire(request('r2', 'a'), second, second),
    lab.acquire(request('r3', 'a', { priority: 60 }), third, third),
  ];
  await settled(lab);
  t.deepEqual(second.positions, [2]);
  t.deepEqual(third.positions, [1]);
  t.is(third.views[0]?.shared.candidates[0]?.bench.lease?.owner, 'r1');

  first.hangUp();
  await settled(lab);
  await settled(lab);
  t.truthy(third.lease);
  t.is(second.lease, undefined);
  t.true((third.lease?.token ?? 0) > (first.lease?.token ?? Infinity));
  third.hangUp();
  await settled(lab);
  await settled(lab);
  t.truthy(second.lease);
  second.hangUp();
  await Promise.all(streams);
  await close();
});

test('a revoked holder is told who ended its lease, and its stream ends', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  const done = lab.acquire(request('r1', 'a'), stream, stream);
  await settled(lab);
  const id = stream.lease?.id ?? '';
  const revoke = named('x1', 'f', (draft) => planRevoke(draft, id, operator, 'power cut'));
  t.true(await lab.run(revoke));
  await done;
  t.is(stream.endedBy, 'REVOKED');
  t.true(await lab.run(revoke), 'a repeat with the same request id gets the same answer');
  await t.throwsAsync(lab.run(named('x1', 'other', (draft) => planRevoke(draft, id, operator, 'else'))), {
    message: /request_id: 'x1' was used/,
  });
  await close();
});

test('the same request id re-attaches to the same lease, and the older stream is told', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [first, second] = [new TestStream(), new TestStream()];
  const older = lab.acquire(request('r1', 'a'), first, first);
  await settled(lab);
  const newer = lab.acquire(request('r1', 'a'), second, second);
  await t.throwsAsync(older, { message: /newer stream/ });
  t.is(second.lease?.token, first.lease?.token);
  first.hangUp();
  await settled(lab);
  t.truthy(lab.state.leaseOf.get('r1'), 'the older stream has nothing to give up any more');
  second.hangUp();
  await newer;
  await close();
});

test('an ended request is not granted again: its id tells what became of it', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const stream = new TestStream();
  const done = lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), stream, stream);
  await done;
  const id = stream.lease?.id ?? '';
  await lab.run({ requestId: '', fingerprint: '', plan: (draft) => planRelease(draft, id, operator) });
  const again = new TestStream();
  await t.throwsAsync(lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), again, again), {
    message: /has ended \(released/,
  });
  t.is(again.lease, undefined);
  await close();
});

test('with wait 0 nothing is left in the queue when everything is held', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [holder, other] = [new TestStream(), new TestStream()];
  const held = lab.acquire(request('r1', 'a'), holder, holder);
  await settled(lab);
  await t.throwsAsync(lab.acquire(request('r2', 'a', { waitMs: 0 }), other, other), { message: /held by r1/ });
  t.is(lab.state.requests.size, 0);
  holder.hangUp();
  await held;
  await close();
});

test('a free bench is kept back for a waiter that is away for 20 s, then the next has it, and the first its place', async (t) => {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')], clock });
  const [holder, away, next] = [new TestStream(), new TestStream(), new TestStream()];
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled(lab);
    await settled(lab);
  };
  const long = { graceMs: 3_600_000 };
  const done = [lab.acquire(request('r1', 'a'), holder, holder), lab.acquire(request('r2', 'a', long), away, away)];
  await pass(0);
  done.push(lab.acquire(request('r3', 'a'), next, next));
  await pass(0);
  away.hangUp();
  holder.hangUp();
  await pass(0);
  await pass(10_000);
  t.is(next.lease, undefined);
  t.is(next.views.at(-1)?.reason, 'KEPT_BACK');
  await pass(9_000);
  await pass(1_000);
  t.is(next.lease?.owner, 'r3');

  const back = new TestStream();
  done.push(lab.acquire(request('r2', 'a', long), back, back));
  await pass(0);
  next.hangUp();
  await pass(0);
  t.is(back.lease?.owner, 'r2');
  back.hangUp();
  await Promise.all(done);
  await close();
});

test('a waiter is told what changes for it, and not that others wait for other benches', async (t) => {
  const clock = fakeClock();
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a'), bench('b2', 'b')], clock });
  const done: Promise<void>[] = [];
  const streams = new Map<string, TestStream>();
  const ask = async (id: string, attribute: string): Promise<TestStream> => {
    const stream = new TestStream();
    streams.set(id, stream);
    done.push(lab.acquire(request(id, attribute), stream, stream));
    await rest();
    return stream;
  };
  /** Until everybody was told what there is to tell: streams are told in several goes. */
  const rest = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      await settled(lab);
      clock.advance(200);
    }
  };
  const holder = await ask('h1', 'a');
  await ask('h2', 'b');
  await ask('w1', 'a');
  const waiter = await ask('w2', 'a');
  const told = waiter.views.length;
  for (let i = 0; i < 10; i++) await ask(`other${String(i)}`, 'b');
  t.is(waiter.views.length, told);

  holder.hangUp();
  await rest();
  t.is(waiter.views.length, told + 1);
  t.like(waiter.views.at(-1), { position: 1, waiting: 11 });
  t.is(waiter.views.at(-1)?.shared.candidates[0]?.bench.lease?.owner, 'w1');
  for (const stream of streams.values()) stream.hangUp();
  await Promise.all(done);
  await close();
});

test('an unattended request keeps its place without a stream, and any number of streams see it granted', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [holder, first, second, third] = [new TestStream(), new TestStream(), new TestStream(), new TestStream()];
  const held = lab.acquire(request('r1', 'a'), holder, holder);
  const spec = request('r2', 'a', { hold: 'MANUAL', unattended: true });
  const asked = lab.acquire(spec, first, first);
  await settled(lab);
  t.deepEqual(first.positions, [1]);
  first.hangUp();
  await asked;
  await settled(lab);
  t.is(lab.state.requests.get('r2')?.detachedUntilMs, undefined);

  const attached = [lab.acquire(spec, second, second), lab.acquire(spec, third, third)];
  await settled(lab);
  t.deepEqual([second.positions, third.positions], [[1], [1]]);
  holder.hangUp();
  await Promise.all([held, ...attached]);
  const { id } = lab.state.leaseOf.get('r2') ?? t.fail();
  t.deepEqual([first.lease?.id, second.lease?.id, third.lease?.id], [undefined, id, id]);
  const late = new TestStream();
  await lab.acquire(spec, late, late);
  t.is(late.lease?.id, id);
  await close();
});
