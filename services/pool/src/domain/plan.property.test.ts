import { runSeeds } from '@berth/testkit/seeded';
import test from 'ava';
import { PoolStory } from '../../simulation/pool-story.js';

/** So much of what happened is told of a failure. */
const LAST = 80;

test('pools keep to their options and lose nothing, whatever fails', async (t) => {
  await runSeeds(t, 100, (random) => {
    const story = new PoolStory(random);
    story.run(200);
    return Promise.resolve(story.faults.length === 0 ? [] : [...story.faults, ...story.trace.slice(-LAST)]);
  });
});
