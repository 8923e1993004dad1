import type { AppendResult, EventLog, LogStep, Refusal, Revision } from '../event-log.js';
import type { Committed, Suite } from './subject.js';
import { bytes, commit, take, texts } from './subject.js';

async function refused(log: EventLog, expected: Revision, steps: readonly LogStep[]): Promise<Refusal> {
  const result = await log.append({ expected, events: [bytes('refused')], steps });
  if (result.outcome !== 'refused') throw new Error(`not refused: ${JSON.stringify(result)}`);
  return result.refusal;
}

/** Takes steps without an event, which must be committed. */
function only(log: EventLog, expected: Revision, steps: readonly LogStep[]): Promise<Committed> {
  return commit(log, expected, steps, []);
}

function hold(bench: string, lease: string, event = 0): LogStep {
  return { kind: 'hold', bench, lease, event };
}

function unknown(id: string): LogStep {
  return { kind: 'fresh', id };
}

function remember(id: string, value: string, ttlMs = 60_000): LogStep {
  return { kind: 'remember', id, value, ttlMs };
}

const LONG_MS = 60_000;

/** Every kind of step: when it is taken, when it is refused and with what, and that a refused batch writes nothing. */
export function testSteps({ test, fresh, running }: Suite): void {
  test('a held bench is refused to another lease, which is told the holder', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0, [hold('b', 'mine')]);
    t.deepEqual(await refused(log, last, [hold('c', 'theirs'), hold('b', 'theirs')]), { step: 1, lease: 'mine' });
    const again = await commit(log, last, [hold('b', 'mine'), hold('c', 'theirs')]);
    t.true(again.last > last);
  });

  test('a lease whose name has spaces and digits is told as it is', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0, [hold('b', 'ls 1 {2}')]);
    t.deepEqual(await refused(log, last, [hold('b', 'ls')]), { step: 0, lease: 'ls 1 {2}' });
  });

  test('only the holder gives a bench back', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0, [hold('b', 'mine')]);
    t.deepEqual(await refused(log, last, [{ kind: 'free', bench: 'b', lease: 'theirs' }]), { step: 0, lease: 'mine' });
    t.deepEqual(await refused(log, last, [{ kind: 'free', bench: 'idle', lease: 'mine' }]), { step: 0 });
    const freed = await commit(log, last, [{ kind: 'free', bench: 'b', lease: 'mine' }]);
    t.deepEqual(await refused(log, freed.last, [{ kind: 'free', bench: 'b', lease: 'mine' }]), { step: 0 });
    await commit(log, freed.last, [hold('b', 'theirs')]);
  });

  test('a bench is freed and held again in one append', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0, [hold('b', 'one')]);
    const next = await commit(log, last, [{ kind: 'free', bench: 'b', lease: 'one' }, hold('b', 'two')]);
    t.deepEqual(await refused(log, next.last, [hold('b', 'three')]), { step: 0, lease: 'two' });
  });

  test('a step sees those before it in the same append', async (t) => {
    const log = await fresh();
    const free = { kind: 'free', bench: 'b', lease: 'one' } as const;
    t.deepEqual(await refused(log, 0, [hold('b', 'one'), hold('b', 'two')]), { step: 1, lease: 'one' });
    t.deepEqual(await refused(log, 0, [hold('b', 'one'), free, free]), { step: 2 });
    t.deepEqual(await refused(log, 0, [unknown('r'), remember('r', 'x'), unknown('r')]), { step: 2, value: 'x' });
    const armed = await refused(log, 0, [
      { kind: 'arm', lease: 'l', ttlMs: LONG_MS },
      { kind: 'overdue', lease: 'l' },
    ]);
    t.is(armed.step, 1);
    t.true((armed.remainingMs ?? 0) > 0 && (armed.remainingMs ?? 0) <= LONG_MS);
    const disarmed = await refused(log, 0, [
      { kind: 'arm', lease: 'l', ttlMs: LONG_MS },
      { kind: 'disarm', lease: 'l' },
      { kind: 'overdue', lease: 'l' },
    ]);
    t.deepEqual(disarmed, { step: 2 });
    t.is((await log.load()).last, 0);
  });

  test('a refused append writes nothing of any step', async (t) => {
    const log = await fresh();
    const first = await commit(log, 0, [
      hold('held', 'mine'),
      { kind: 'arm', lease: 'armed', ttlMs: LONG_MS },
      remember('known', 'old'),
    ]);
    const refusal = await refused(log, first.last, [
      hold('b', 'l'),
      { kind: 'free', bench: 'held', lease: 'mine' },
      { kind: 'arm', lease: 'l', ttlMs: LONG_MS },
      { kind: 'disarm', lease: 'armed' },
      remember('new', 'x'),
      remember('known', 'changed'),
      { kind: 'sessionAlive', session: 'nobody' },
    ]);
    t.deepEqual(refusal, { step: 6 });
    t.is((await log.load()).last, first.last);
    const [l, armed] = await log.deadlines(['l', 'armed']);
    t.is(l, undefined);
    t.true((armed ?? 0) > 0);
    t.is(await log.recall('new'), undefined);
    t.is(await log.recall('known'), 'old');
    t.deepEqual(await refused(log, first.last, [hold('held', 'other')]), { step: 0, lease: 'mine' });
    await commit(log, first.last, [hold('b', 'another')]);
  });

  test('a lease is overdue only once its deadline is over, and only once', async (t) => {
    const log = await fresh();
    const overdue = [{ kind: 'overdue', lease: 'l' }] as const;
    t.deepEqual(await refused(log, 0, overdue), { step: 0 });
    const { last } = await commit(log, 0, [{ kind: 'arm', lease: 'l', ttlMs: LONG_MS }]);
    const early = await refused(log, last, overdue);
    t.true((early.remainingMs ?? 0) > 0 && (early.remainingMs ?? 0) <= LONG_MS);
    const armed = await commit(log, last, [{ kind: 'arm', lease: 'l', ttlMs: 20 }]);
    await running().pass(25);
    const ended = await commit(log, armed.last, overdue);
    t.deepEqual(await refused(log, ended.last, overdue), { step: 0 });
    t.deepEqual(await log.deadlines(['l']), [undefined]);
  });

  test('an append can depend on a session that lives, or on one that is gone', async (t) => {
    const log = await fresh();
    await log.openSession('here', LONG_MS);
    t.deepEqual(await refused(log, 0, [{ kind: 'sessionAlive', session: 'gone' }]), { step: 0 });
    t.deepEqual(await refused(log, 0, [{ kind: 'sessionGone', session: 'here' }]), { step: 0 });
    const { last } = await commit(log, 0, [
      { kind: 'sessionAlive', session: 'here' },
      { kind: 'sessionGone', session: 'gone' },
    ]);
    await log.closeSession('here');
    t.deepEqual(await refused(log, last, [{ kind: 'sessionAlive', session: 'here' }]), { step: 0 });
    await commit(log, last, [{ kind: 'sessionGone', session: 'here' }]);
  });

  test('what is remembered can be stamped with the first revision of its append', async (t) => {
    const log = await fresh();
    const { first } = await commit(log, 0, [
      { ...remember('r', 'one'), stamped: true } as LogStep,
      remember('q', 'two'),
    ]);
    t.is(await log.recall('r'), `one ${String(first)}`);
    t.is(await log.recall('q'), 'two');
    const refusal = await refused(log, first, [{ ...remember('p', 'x'), stamped: true } as LogStep, unknown('p')]);
    t.regex(refusal.value ?? '', /^x \d{16}$/);
  });

  test('an id is fresh until something is remembered under it, and again when that is over', async (t) => {
    const log = await fresh();
    const checked = await commit(log, 0, [unknown('r')]);
    t.is(await log.recall('r'), undefined, 'the check itself remembers nothing');
    const { last } = await commit(log, checked.last, [unknown('r'), remember('r', 'one')]);
    t.deepEqual(await refused(log, last, [unknown('other'), unknown('r')]), { step: 1, value: 'one' });
    t.is(await log.recall('r'), 'one');
    const replaced = await commit(log, last, [remember('r', 'two')]);
    t.is(await log.recall('r'), 'two');
    const over = await commit(log, replaced.last, [remember('r', 'short-lived', 20)]);
    await running().pass(25);
    t.is(await log.recall('r'), undefined);
    await commit(log, over.last, [unknown('r'), remember('r', 'three')]);
    t.is(await log.recall('r'), 'three');
  });

  test('an append without events only takes its steps: the revision stays, and no reader sees anything', async (t) => {
    const log = await fresh();
    const stamped = { ...remember('stamped', 'x'), stamped: true } as LogStep;
    t.is((await only(log, 0, [unknown('first'), remember('first', 'one'), stamped])).last, 0);
    t.is(await log.recall('stamped'), 'x 1');
    t.deepEqual(await log.load(), { snapshot: undefined, entries: [], last: 0 });
    const abort = new AbortController();
    const seen = take(log.follow(0, abort.signal), 2);
    const { last } = await commit(log, 0, [hold('b', 'mine')], ['a', 'b']);
    const taken = await only(log, last, [
      { kind: 'free', bench: 'b', lease: 'mine' },
      { kind: 'arm', lease: 'l', ttlMs: LONG_MS },
      unknown('second'),
      { ...remember('second', 'two'), stamped: true } as LogStep,
    ]);
    t.deepEqual([taken.first, taken.last], [last + 1, last]);
    t.is(await log.recall('first'), 'one');
    t.is(await log.recall('second'), `two ${String(last + 1)}`);
    t.true(((await log.deadlines(['l']))[0] ?? 0) > 0);
    t.deepEqual(await log.read(last), []);
    const next = await commit(log, last, [hold('b', 'theirs')], ['c']);
    t.true(next.first > last);
    const followed = await seen;
    abort.abort();
    t.deepEqual(texts(followed.flatMap((one) => (one.kind === 'entry' ? [one.entry] : []))), ['a', 'b', 'c']);
    t.is((await log.load()).entries.length, 2);
  });

  test('an append without events is refused as a whole, and when its writer is behind', async (t) => {
    const log = await fresh();
    const one = await commit(log, 0, [], ['a']);
    const two = await commit(log, one.last, [remember('known', 'old')], ['b']);
    const steps = [remember('new', 'x'), { kind: 'arm', lease: 'l', ttlMs: LONG_MS }, unknown('known')] as const;
    const append = (expected: Revision): Promise<AppendResult> => log.append({ expected, events: [], steps });
    t.deepEqual(await append(two.last), { outcome: 'refused', refusal: { step: 2, value: 'old' } });
    const behind = await append(one.last);
    t.is(behind.outcome, 'conflict');
    t.deepEqual(behind.outcome === 'conflict' && texts(behind.missed), ['b']);
    t.deepEqual(await append(two.last + 1e9), { outcome: 'lost' });
    t.is(await log.recall('new'), undefined);
    t.deepEqual(await log.deadlines(['l']), [undefined]);
    const needsEvent = log.append({ expected: two.last, events: [], steps: [hold('b', 'l')] });
    await t.throwsAsync(needsEvent, { message: /steps\[0\]\.event: 0 is not an index into 0 events/ });
    t.is((await log.load()).last, two.last);
  });

  test('of eight writers that remember something under one id at one revision, the first does, and is told to the others', async (t) => {
    const log = await fresh();
    const { last } = await commit(log, 0);
    const writers = Array.from({ length: 8 }, (_, writer) => String(writer));
    const results = await Promise.all(
      writers.map((writer) =>
        log.append({ expected: last, events: [], steps: [unknown('r'), remember('r', writer), remember(writer, 'x')] }),
      ),
    );
    const first = results.findIndex(({ outcome }) => outcome === 'committed');
    const others = results.filter((_, writer) => writer !== first);
    t.true(others.every((one) => one.outcome === 'refused' && one.refusal.value === String(first)));
    t.is(await log.recall('r'), String(first));
    const known = await Promise.all(writers.map((writer) => log.recall(writer)));
    t.deepEqual(
      known.map((value) => value !== undefined),
      writers.map((_, writer) => writer === first),
    );
  });
}
