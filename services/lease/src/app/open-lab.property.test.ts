import test from 'ava';
import { runSeeds } from '../../simulation/seeded.fixture.js';
import { runStory } from '../../simulation/story.fixture.js';

/** So much of what happened is told of a failure. */
const LAST = 150;

test('servers of a lab do what they promise', async (t) => {
  await runSeeds(t, 200, async (random) => {
    const { faults, trace } = await runStory(random, 200);
    return faults.length === 0 ? [] : [...faults, ...trace.slice(-LAST)];
  });
});
