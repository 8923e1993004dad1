import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import fc from 'fast-check';
import { LogBuffer } from './log-buffer.js';

test('the first half is kept, and of the rest the last half, whenever it is taken', (t) => {
  const steps = fc.array(fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constant('take' as const)), { maxLength: 200 });
  const run = fc.property(steps, fc.nat(40), (given, limit) => {
    const half = limit >> 1;
    const buffer = new LogBuffer(limit);
    let all = Buffer.alloc(0);
    let takenTo = 0;
    for (const step of [...given, 'take' as const]) {
      if (step !== 'take') {
        buffer.add(Buffer.from(step));
        all = Buffer.concat([all, step]);
        continue;
      }
      const taken = buffer.take().flatMap(({ offset, bytes }) => [...bytes].map((byte, i) => `${offset + i}:${byte}`));
      const expected = [...all].flatMap((byte, i) => {
        return i >= takenTo && (i < half || i >= all.length - half) ? `${i}:${byte}` : [];
      });
      t.is(taken.join(), expected.join());
      takenTo = all.length;
    }
  });
  fc.assert(run, { numRuns: 300 });
});

test('what is held does not grow with what is written', (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const inUse = (): number => {
    // The second one waits until the first has given all of it back.
    gc();
    gc();
    return process.memoryUsage().arrayBuffers;
  };
  const buffer = new LogBuffer(1 << 20);
  const before = inUse();
  for (let i = 0; i < 200_000; i += 1) buffer.add(Buffer.alloc(100, i));
  for (let i = 0; i < 1000; i += 1) buffer.add(Buffer.alloc(65_536, i));
  const grown = inUse() - before;
  t.true(grown < 20 << 20, `it grew by ${grown} bytes`);
  const held = buffer.take().reduce((sum, { bytes }) => sum + bytes.length, 0);
  t.is(held, 1 << 20);
});
