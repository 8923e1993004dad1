import test from 'ava';
import fc from 'fast-check';
import { RankedQueue } from './ranked-queue.js';
import { checkSeeded } from '@berth/testkit/seeded';

interface Item {
  readonly score: number;
  readonly order: number;
}

/** Any number that is the same each time; few elements have a small one. */
function sizeOf({ score, order }: Item): number {
  return Math.abs((score * 7919 + order * 104_729) % 1_009);
}

test('it is a sorted list, whatever is added and removed', (t) => {
  // Few scores, so that many are equal and the order decides.
  const operation = fc.record({ add: fc.boolean(), score: fc.integer({ min: -3, max: 3 }), pick: fc.nat() });
  checkSeeded(
    t,
    100,
    fc.property(fc.array(operation, { maxLength: 300, size: 'max' }), fc.nat(3_000), (operations, before) => {
      const queue = new RankedQueue<Item>();
      // Enough to make several chunks now and then.
      let list: Item[] = Array.from({ length: before }, (_, i) => ({ score: (i * 7) % 11, order: -i - 1 }));
      for (const item of list) queue.add(item);
      operations.forEach(({ add, score, pick }, order) => {
        const item = add || list.length === 0 ? { score, order } : list[pick % list.length]!;
        if (list.includes(item)) {
          queue.remove(item);
          list = list.filter((one) => one !== item);
        } else {
          queue.add(item);
          list.push(item);
        }
        // What it remembers of the sizes must not outlive a change.
        const some = list[pick % list.length];
        if (some !== undefined) queue.nextOf(some, pick % 64, sizeOf);
      });
      list.sort((a, b) => a.score - b.score || a.order - b.order);
      if ([...queue].some((item, i) => item !== list[i])) throw new Error('not in order');
      if (queue.size !== list.length || queue.first() !== list[0]) throw new Error('wrong size or first');
      for (const at of [0, list.length >> 1, list.length - 1]) {
        const item = list[at];
        if (item === undefined) continue;
        if (queue.countBefore(item) !== at) throw new Error(`rank ${String(at)} is wrong`);
        for (const most of [-1, 0, 3, 60, 2_000]) {
          const next = list.slice(at + 1).find((one) => sizeOf(one) <= most);
          if (queue.nextOf(item, most, sizeOf) !== next) throw new Error(`the next of ${String(at)} is wrong`);
        }
      }
      if (queue.countBefore({ score: 99, order: 0 }) !== list.length) throw new Error('rank of one not in it is wrong');
    }),
  );
});

test('the next that is small enough may be exactly so large', (t) => {
  const queue = new RankedQueue<Item>();
  const items = [9, 8, 7, 6].map((order, score) => ({ score, order }));
  for (const item of items) queue.add(item);
  t.is(
    queue.nextOf(items[0]!, 7, ({ order }) => order),
    items[2],
  );
});

test('removing what is not in it throws', (t) => {
  const queue = new RankedQueue<Item>();
  queue.add({ score: 1, order: 1 });
  t.throws(() => {
    queue.remove({ score: 1, order: 1 });
  });
  t.throws(() => {
    queue.remove({ score: 2, order: 1 });
  });
  t.is(queue.size, 1);
});
