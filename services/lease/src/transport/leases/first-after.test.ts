import test from 'ava';
import { firstAfter } from './first-after.js';

const LEASES = 20_000;
const PAGE = 100;

/** Numbers from 1, mixed up the same way each time. */
function mixed(count: number): number[] {
  // A step that shares no factor with the count comes to each number once.
  return Array.from({ length: count }, (_, n) => ((n * 7919) % count) + 1);
}

test('pages hold each lease once, in the order of their tokens, whatever order they come in', (t) => {
  for (const order of [mixed(1000), mixed(1000).toSorted((a, b) => a - b), mixed(1000).toSorted((a, b) => b - a)]) {
    const leases = order.map((token) => ({ token }));
    const listed: number[] = [];
    for (let after = 0; ;) {
      const page = firstAfter(leases, after, 7);
      if (page.length === 0) break;
      listed.push(...page.map(({ token }) => token));
      after = page.at(-1)?.token ?? Infinity;
    }
    t.deepEqual(
      listed,
      Array.from({ length: 1000 }, (_, n) => n + 1),
    );
  }
});

test('a page costs one look at each lease, not a sort of all', (t) => {
  let looks = 0;
  const leases = mixed(LEASES).map((token) => ({
    get token() {
      looks += 1;
      return token;
    },
  }));
  t.is(firstAfter(leases, 5000, PAGE).at(-1)?.token, 5000 + PAGE);
  // A sort of all looks some 25 times at each.
  t.true(looks < 5 * LEASES, `${looks} looks`);
});
