import test from 'ava';
import { ENGINES } from '../driver/engines.js';
import { runRandomLoad } from '../driver/random-load.js';

// `npm run load` does the same for longer, and as often as asked for.
for (const engine of ENGINES) {
  test.serial(
    `random load under SIGKILL${engine === 'redis' ? ' and SIGSTOP' : ''} breaks no rule: ${engine}`,
    async (t) => {
      t.timeout(120_000);
      const { seed, grants, blows, violations, left } = await runRandomLoad({ engine, seconds: 10 });
      t.log(`BERTH_SEED=${String(seed)}: ${String(grants)} grants, ${String(blows)} blows`);
      t.deepEqual(violations, []);
      t.deepEqual(left, []);
      t.true(grants > 0 && blows > 0);
    },
  );
}
