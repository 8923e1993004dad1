import test from 'ava';
import fc from 'fast-check';
import { TimeHeap } from './time-heap.js';

test('entries come out in order of time, and not before it', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), fc.integer({ min: 0, max: 1000 }), (times, now) => {
      const heap = new TimeHeap<number>();
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
