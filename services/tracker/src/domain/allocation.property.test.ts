import type { Actor } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import test from 'ava';
import fc from 'fast-check';
import type { Allocation, IntentSpec } from './allocation.js';
import { newIntent } from './allocation.js';
import { nextStep } from './collection.js';
import { ruleHolds } from './leak.js';
import type { Transition } from './transitions.js';
import { confirm, extend, fail, failRelease, protect, release } from './transitions.js';
import { overlapMs, Usage } from './usage.js';

const ann: Actor = { name: 'ann', kind: 'caller' };
const spec: IntentSpec = { kind: 'vm', owner: 'ann', labels: [], attributes: [], protected: false };
const TIMEOUT_MS = 1000;

/** What a naive reader of the page would keep: a state, two times, and what may follow what. */
interface Naive {
  state: 'INTENT' | 'ALLOCATED' | 'RELEASED' | 'FAILED';
  name: string | undefined;
  deadlineMs: number;
  endDueMs: number | undefined;
  late: boolean;
  protected: boolean;
  undeleted: string | undefined;
}

interface Step {
  readonly transition: Transition;
  /** Applies it to the naive model; false when it is illegal there. */
  readonly naively: (model: Naive, nowMs: number) => boolean;
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.option(fc.constantFrom('a', 'b'), { nil: undefined }).map((name): Step => ({
    transition: confirm({ ...(name !== undefined && { externalId: name }), attributes: [] }),
    naively(model, nowMs) {
      if (model.state === 'ALLOCATED') return name === undefined || name === model.name;
      if (model.state !== 'INTENT') return false;
      model.late ||= nowMs > model.deadlineMs;
      model.state = 'ALLOCATED';
      model.name = name ?? model.name;
      model.undeleted = undefined;
      return true;
    },
  })),
  fc.constant<Step>({
    transition: fail('no room'),
    naively(model, nowMs) {
      if (model.state === 'FAILED') return true;
      if (model.state !== 'INTENT') return false;
      model.late ||= nowMs > model.deadlineMs;
      model.state = 'FAILED';
      return true;
    },
  }),
  fc.constant<Step>({
    transition: release(''),
    naively(model) {
      if (model.state === 'RELEASED') return true;
      if (model.state !== 'ALLOCATED') return false;
      model.state = 'RELEASED';
      return true;
    },
  }),
  fc.constantFrom('busy', 'no route').map((reason): Step => ({
    transition: failRelease(reason),
    naively(model) {
      if (model.state !== 'INTENT' && model.state !== 'ALLOCATED') return false;
      model.undeleted = reason;
      return true;
    },
  })),
  fc.integer({ min: 1, max: 2000 }).map((ms): Step => ({
    transition: extend(ms),
    naively(model, nowMs) {
      if (model.state === 'INTENT') model.deadlineMs = nowMs + ms;
      else if (model.state === 'ALLOCATED') model.endDueMs = nowMs + ms;
      else return false;
      model.undeleted = undefined;
      return true;
    },
  })),
  fc.boolean().map((on): Step => ({
    transition: protect(on, ''),
    naively(model) {
      if (model.state !== 'INTENT' && model.state !== 'ALLOCATED') return false;
      model.protected = on;
      return true;
    },
  })),
);

/** The new allocation; undefined when the command is refused. */
function applied(allocation: Allocation, transition: Transition, nowMs: number): Allocation | undefined {
  try {
    return transition(allocation, ann, nowMs) ?? allocation;
  } catch (error) {
    if (error instanceof BerthError && error.reason === 'ILLEGAL_TRANSITION') return undefined;
    throw error;
  }
}

test('any sequence of commands leads where the naive model says, and its indexes follow from its state', (t) => {
  const steps = fc.array(fc.tuple(anyStep, fc.integer({ min: 0, max: 700 })), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (sequence) => {
      let nowMs = 1_000_000;
      let allocation = newIntent({ id: 'al-1', spec, timeoutMs: TIMEOUT_MS }, ann, nowMs);
      const model: Naive = {
        state: 'INTENT',
        name: undefined,
        deadlineMs: nowMs + TIMEOUT_MS,
        endDueMs: undefined,
        late: false,
        protected: false,
        undeleted: undefined,
      };
      for (const [{ transition, naively }, passedMs] of sequence) {
        nowMs += passedMs;
        const next = applied(allocation, transition, nowMs);
        t.is(next !== undefined, naively(model, nowMs));
        allocation = next ?? allocation;
        t.is(allocation.state, model.state);
        t.is(allocation.externalId, model.name);
        t.is(allocation.protected, model.protected);
        t.is(allocation.flags.includes('LATE'), model.late);
        t.is(allocation.deleteFailure, model.undeleted);
        t.is(allocation.flags.includes('DELETE_FAILED'), model.undeleted !== undefined);
        const live = model.state === 'INTENT' || model.state === 'ALLOCATED';
        t.is(allocation.liveKind, live ? 'vm' : undefined);
        const dueMs = model.state === 'INTENT' ? model.deadlineMs : model.endDueMs;
        t.is(allocation.nextDueMs, live ? dueMs : undefined);
        const facts = { nowMs, parentGone: false };
        const overdue = live && dueMs !== undefined && nowMs > dueMs;
        t.is(ruleHolds('L1', allocation, facts), overdue && model.state === 'INTENT');
        t.is(ruleHolds('L3', allocation, facts), overdue && model.state === 'ALLOCATED');
        t.is(ruleHolds('L7', allocation, facts), live && model.undeleted !== undefined);
        t.is(allocation.deletion, live && model.undeleted !== undefined ? 1 : undefined);
      }
    }),
  );
});

test('of the 16 combinations of marked, due, notified and protected exactly one deletes', (t) => {
  const deleting: string[] = [];
  for (let bits = 0; bits < 16; bits += 1) {
    const [marked, due, notified, kept] = [1, 2, 4, 8].map((bit) => (bits & bit) !== 0) as [
      boolean,
      boolean,
      boolean,
      boolean,
    ];
    const step = nextStep({ marked, due, notified, protected: kept });
    if (step === 'DELETE') deleting.push(JSON.stringify({ marked, due, notified, kept }));
  }
  t.deepEqual(deleting, ['{"marked":true,"due":true,"notified":true,"kept":false}']);
});

test('usage is what counting each millisecond gives', (t) => {
  const times = fc.tuple(
    fc.integer({ min: 0, max: 60 }),
    fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  );
  const used = fc.array(fc.record({ owner: fc.constantFrom('ann', 'bob'), times }), { maxLength: 8 });
  const window = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(used, window, (allocations, [fromMs, lengthMs]) => {
      const untilMs = fromMs + lengthMs;
      const usage = new Usage(['owner']);
      const naive = new Map<string, number>();
      for (const {
        owner,
        times: [startMs, spanMs],
      } of allocations) {
        const endMs = spanMs === undefined ? undefined : startMs + spanMs;
        const part = overlapMs({ allocateMs: startMs, ...(endMs !== undefined && { endMs }) }, fromMs, untilMs);
        if (part !== undefined) usage.add({ kind: 'vm', owner }, part);
        for (let ms = fromMs; ms < untilMs; ms += 1) {
          if (ms >= startMs && ms < (endMs ?? Infinity)) naive.set(owner, (naive.get(owner) ?? 0) + 1);
        }
      }
      const rows = usage.rows(lengthMs).filter(({ usedMs }) => usedMs > 0);
      t.deepEqual(Object.fromEntries(rows.map(({ owner = '', usedMs }) => [owner, usedMs])), Object.fromEntries(naive));
      for (const { usedMs, utilisation } of rows) t.is(utilisation, usedMs / lengthMs);
    }),
  );
});

test('a lease of several benches counts for each of them', (t) => {
  const lease = newIntent(
    { id: 'al-1', spec: { ...spec, kind: 'lease', attributes: ['bench=rack1/a, rack1/b'] }, timeoutMs: 1 },
    ann,
    0,
  );
  const byBench = new Usage(['bench']);
  byBench.add(lease, 10);
  t.deepEqual(
    byBench.rows(10).map(({ bench, usedMs }) => [bench, usedMs]),
    [
      ['rack1/a', 10],
      ['rack1/b', 10],
    ],
  );
  const oneBench = new Usage(['owner'], 'rack1/b');
  oneBench.add(lease, 10);
  t.deepEqual(
    oneBench.rows(10).map(({ owner, count }) => [owner, count]),
    [['ann', 1]],
  );
});
