import { seededRandom } from '@berth/testkit';
import test from 'ava';
import { runSeeds } from '@berth/testkit/seeded';
import { runStory } from '../../simulation/story.fixture.js';

/** So much of what happened is told of a failure. */
const LAST = 150;

test('servers of a lab do what they promise', async (t) => {
  await runSeeds(t, 200, async (random) => {
    const { faults, trace } = await runStory(random, 200);
    return faults.length === 0 ? [] : [...faults, ...trace.slice(-LAST)];
  });
});

for (const seed of [1, 8, 11]) {
  test(`the same seed gives the same story (seed ${seed})`, async (t) => {
    const [first, second] = [await runStory(seededRandom(seed), 200), await runStory(seededRandom(seed), 200)];
    t.true(first.trace.length > 200);
    t.deepEqual(second.trace, first.trace);
  });
}
