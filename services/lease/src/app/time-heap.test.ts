import test from 'ava';
import fc from 'fast-check';
import { TimeHeap } from './time-heap.js';

test('entries come out in order of time, and not before it', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), fc.integer({ min: 0, max: 1000 }), (times, now) => {
      const heap = new TimeHeap<number>(() => true);
      for (const time of times) heap.push(time, time);
      const due: number[] = [];
      for (let one = heap.popDue(now); one !== undefined; one = heap.popDue(now)) due.push(one);
      const sorted = times.toSorted((a, b) => a - b);
      t.deepEqual(
        due,
        sorted.filter((time) => time <= now),
      );
      t.is(
        heap.soonestMs,
        sorted.find((time) => time > now),
      );
    }),
  );
});

test('what is not current any more is dropped, and what is comes out in its time', (t) => {
  const LIVE = 100;
  // Every thousandth one lives, as many as LIVE at a time.
  const live: number[] = [];
  const heap = new TimeHeap<number>((id) => live.includes(id));
  for (let id = 0; id < 1000 * LIVE; id += 1) {
    if (id % 1000 === 0) live.push(id);
    heap.push(1_000_000 - id, id);
    t.true(heap.size <= 2 * live.length + 1024);
  }
  const due: number[] = [];
  for (let one = heap.popDue(Infinity); one !== undefined; one = heap.popDue(Infinity)) {
    if (live.includes(one)) due.push(one);
  }
  t.deepEqual(due, live.toReversed());
});
