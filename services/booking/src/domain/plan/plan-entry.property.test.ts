import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { checkSeeded } from '@berth/testkit/seeded';
import { dumpRoot } from '../../../simulation/dump-root.js';
import { leftAt, instantsOf, sizeAt } from '../../../simulation/naive-state.js';
import { cancelBooking, createBooking, NO_KEY, OPERATOR } from '../../../simulation/root-command.js';
import type { Stride } from '../../../simulation/root-intents.fixture.js';
import { AMOUNTS, history, ROOT, runHistory, shrink, STEP_MS } from '../../../simulation/root-intents.fixture.js';
import { SimulatedRoot } from '../../../simulation/simulated-root.js';
import { entitlementsOf } from '../queries.js';
import { isFirm } from '../model/booking.js';
import { planEntry } from './plan-entry.js';

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  assert.deepEqual(actual, expected, what);
}

/** Runs a history, then something more; a failure tells all commands. */
function withHistory(strides: readonly Stride[], more: (run: SimulatedRoot, now: number) => void): void {
  const run = new SimulatedRoot(ROOT, AMOUNTS, assertEqual);
  try {
    more(run, runHistory(run, strides));
  } catch (error) {
    throw new Error([String(error), 'This was run:', ...run.trace].join('\n'), { cause: error });
  }
}

test('the planner does what the naive model says, on every replica, also from a snapshot and after a dropped plan', (t) => {
  checkSeeded(
    t,
    300,
    fc.property(history, (strides) => withHistory(strides, () => undefined)),
  );
});

test('what takes no more at any instant is never refused, also where less than nothing is left', (t) => {
  checkSeeded(
    t,
    100,
    fc.property(history, shrink, (strides, intent) =>
      withHistory(strides, (run, now) => {
        const both = intent(run, run.asking(now));
        if (both === undefined) return;
        const plan = planEntry(run.state, [both.command], now);
        assert.deepEqual(
          plan.answers.map((answer) => ('refused' in answer ? answer.refused.message : '')),
          [''],
        );
        plan.drop();
      }),
    ),
  );
});

test('booking then cancelling restores all', (t) => {
  const ask = fc.record({
    from: fc.integer({ min: 1, max: 20 }),
    length: fc.integer({ min: 1, max: 9 }),
    cores: fc.integer({ min: 1, max: 4 }),
  });
  checkSeeded(
    t,
    100,
    fc.property(history, ask, fc.boolean(), (strides, { from, length, cores }, byShare) =>
      withHistory(strides, ({ state }, now) => {
        const asking = { by: OPERATOR, now, freshId: (prefix: string) => `${prefix}-x` };
        const start = now + from * STEP_MS;
        const what = byShare ? { amounts: {}, share: cores * 1000 } : { amounts: { cores } };
        const spans = [{ cluster: ROOT, from: start, to: start + length * STEP_MS, ...what }];
        // What is due by now is done before: it is not what this is about.
        planEntry(state, [], now).keep();
        const before = timelinesOf(dumpRoot(state));
        const made = planEntry(state, [createBooking(asking, { spans, waits: false, priority: 0 }).command], now);
        made.keep();
        const [answer] = made.answers;
        if (answer !== undefined && 'refused' in answer) return;
        const cancelled = planEntry(state, [{ ...cancelBooking(asking, 'bk-x').command, key: NO_KEY }], now);
        cancelled.keep();
        assert.deepEqual(timelinesOf(dumpRoot(state)), before);
      }),
    ),
  );
});

function timelinesOf(dump: string): unknown {
  return (JSON.parse(dump) as { readonly timelines: unknown }).timelines;
}

test('no instant is negative but by force, and shares never exceed a size', (t) => {
  checkSeeded(
    t,
    100,
    fc.property(history, (strides) =>
      withHistory(strides, ({ state, model }) => {
        const forced = [...state.grants.values()].some(({ kind }) => kind === 'MAINTENANCE');
        for (const { name } of model.state.clusters) {
          for (const amount of AMOUNTS) {
            for (const at of instantsOf(model.state).filter(Number.isFinite)) {
              const left = leftAt(model.state, name, amount, at);
              const degraded = [...state.bookings.values()].some((booking) => booking.degraded);
              // Nobody has a future instant below 0 unless it was told so.
              if (!forced && left < 0 && at > state.atMs)
                assert.ok(degraded, `${name} ${amount} ${String(at)}: ${String(left)}`);
              if (left < 0) continue;
              let has = 0;
              for (const booking of state.bookings.values()) {
                for (const [index, span] of booking.spans.entries()) {
                  if (!isFirm(booking) || span.cluster !== name) continue;
                  const piece = entitlementsOf(state, booking, index).find(
                    (one) => one.startMs <= at && at < one.endMs,
                  );
                  has += piece?.amounts[amount] ?? 0;
                }
              }
              assert.ok(
                has <= sizeAt(model.state, name, amount, at),
                `${name} ${amount} at ${String(at)}: ${String(has)}`,
              );
            }
          }
        }
      }),
    ),
  );
});

test('plans without a key are carried out each time, plans with one only once', (t) => {
  const run = new SimulatedRoot(ROOT, AMOUNTS, assertEqual);
  const now = Date.UTC(2030, 0, 1);
  const template = {
    kind: 'createTemplate',
    by: OPERATOR,
    name: 'tiny',
    amounts: { cores: 1 },
    description: '',
  } as const;
  const named = { ...template, key: { id: 'once', fingerprint: 'f' } };
  const plan = planEntry(run.state, [{ ...template, key: NO_KEY }, { ...template, key: NO_KEY }, named, named], now);
  plan.keep();
  t.is(run.state.templates.get('tiny')?.length, 3);
  t.deepEqual(
    plan.answers.map((answer) => 'done' in answer && answer.repeated),
    [false, false, false, true],
  );
  const [other] = planEntry(run.state, [{ ...named, key: { id: 'once', fingerprint: 'g' } }], now).answers;
  t.is(other !== undefined && 'refused' in other ? other.refused.reason : '', 'REQUEST_ID_REUSED');
});
