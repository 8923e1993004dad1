import test from 'ava';
import fc from 'fast-check';
import { makeName } from './options/name-pattern.js';
import type { PoolOptions } from './options/options.js';
import { DEFAULT_OPTIONS } from './options/options.js';
import type { FirstSeen, Verdict } from './sweep.js';
import { namesIn, planSweep } from './sweep.js';

const GRACE_MS = 1000;

function pool(changes: Partial<PoolOptions['sweep']> = {}): PoolOptions {
  const sweep = { ...DEFAULT_OPTIONS.sweep, prefix: 'vms_', graceMs: GRACE_MS, ...changes };
  return { ...DEFAULT_OPTIONS, name: 'vms', commands: { new: 'make', delete: 'remove', list: 'list' }, sweep };
}

function name(number: number, poolName = 'vms'): string {
  return makeName(DEFAULT_OPTIONS.namePattern, { poolName, number, nowMs: 0 });
}

const OWN = [1, 2, 3, 4, 5].map((number) => name(number));
const OTHERS = [name(1, 'vmsx'), name(1, 'vms_big'), 'vms_1', 'database', '__proto__'];

interface Look {
  readonly listed: readonly string[];
  readonly live: readonly string[];
  readonly afterMs: number;
}

const look: fc.Arbitrary<Look> = fc.record({
  listed: fc.uniqueArray(fc.constantFrom(...OWN, ...OTHERS)),
  live: fc.uniqueArray(fc.constantFrom(...OWN)),
  afterMs: fc.integer({ min: 1, max: 2 * GRACE_MS }),
});

test('only what was a stranger in each list for the time of grace is deleted, and not too much of it', (t) => {
  const run = fc.property(fc.array(look, { maxLength: 8 }), fc.nat(3), (looks, maxDeletions) => {
    let firstSeen: FirstSeen = {};
    let nowMs = 0;
    const history: { readonly nowMs: number; readonly strangers: ReadonlySet<string> }[] = [];
    for (const { listed, live, afterMs } of looks) {
      nowMs += afterMs;
      const plan = planSweep(pool({ maxDeletions }), listed, new Set(live), firstSeen, nowMs);
      firstSeen = plan.firstSeen;
      const strangers = new Set(listed.filter((one) => !live.includes(one)));
      history.push({ nowMs, strangers });
      const verdicts = new Map(plan.strangers.map((stranger) => [stranger.name, stranger.verdict]));
      t.deepEqual([...verdicts.keys()].sort(), [...strangers].sort());
      const due: string[] = [];
      for (const one of strangers) {
        if (!OWN.includes(one)) t.is(verdicts.get(one), 'FOREIGN');
        else if (seenFor(history, one) < GRACE_MS || history.at(-2)?.strangers.has(one) !== true) {
          t.is(verdicts.get(one), 'TOO_NEW');
        } else due.push(one);
      }
      const oldest = due.sort((a, b) => seenFor(history, b) - seenFor(history, a) || (a < b ? -1 : 1));
      for (const [at, one] of oldest.entries()) {
        t.is(verdicts.get(one), (at < maxDeletions ? 'DELETED' : 'OVER_LIMIT') satisfies Verdict);
      }
    }
  });
  fc.assert(run);
});

/** For how long a name has been a stranger in each list up to the last one. */
function seenFor(history: readonly { nowMs: number; strangers: ReadonlySet<string> }[], one: string): number {
  const since = history.findLastIndex(({ strangers }) => !strangers.has(one)) + 1;
  return (history.at(-1)?.nowMs ?? 0) - (history[since]?.nowMs ?? 0);
}

test('one list never deletes, also without a time of grace', (t) => {
  const options = pool({ graceMs: 0 });
  const first = planSweep(options, [name(1)], new Set(), {}, 1000);
  t.is(first.strangers[0]?.verdict, 'TOO_NEW');
  t.is(planSweep(options, [name(1)], new Set(), first.firstSeen, 1000).strangers[0]?.verdict, 'DELETED');
});

test('without a prefix nothing is deleted', (t) => {
  const seen = { [name(1)]: 0 };
  t.is(planSweep(pool({ prefix: '' }), [name(1)], new Set(), seen, 10_000).strangers[0]?.verdict, 'FOREIGN');
  t.is(planSweep(pool({ prefix: 'vms_1' }), [name(1)], new Set(), seen, 10_000).strangers[0]?.verdict, 'FOREIGN');
});

test('names have white space between them', (t) => {
  t.deepEqual(namesIn(' a b\n\nc\ta\r\n'), ['a', 'b', 'c']);
  t.deepEqual(namesIn(' \n'), []);
});
