import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { history } from '../../simulation/intents.fixture.js';
import { checkSeeded } from '@berth/testkit/seeded';
import { SimulatedHistory } from '../../simulation/simulated-history.js';

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const texts = [JSON.stringify(actual), JSON.stringify(expected)] as const;
  if (texts[0] === texts[1]) return;
  // Equal but for the order of keys, perhaps. From their texts: generated values have prototypes of any kind.
  const [one, other] = texts.map((text) => JSON.parse(text) as unknown);
  assert.deepEqual(one, other, what);
}

test('the planner does what the naive model says, whatever happens', (t) => {
  checkSeeded(
    t,
    300,
    fc.property(history, ({ rules, benches, strides }) => {
      const run = new SimulatedHistory(rules, assertEqual);
      try {
        run.run(benches.map((spec) => ({ kind: 'createBench', spec, origin: 'inventory' })));
        for (const { passMs, gap, intents } of strides) {
          run.pass(passMs);
          const commands = intents.map((intent) => intent(run.model, () => run.freshId(), run.lab.now));
          run.run(
            commands.filter((command) => command !== undefined),
            gap,
          );
        }
        run.drain();
      } catch (error) {
        throw new Error([String(error), 'This was run:', ...run.trace].join('\n'), { cause: error });
      }
    }),
  );
});
