import type { Answered } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import test from 'ava';
import fc from 'fast-check';
import { keepAnswer, wasAnswered } from './answers.js';

const KEEP_MS = 1000;
const MOST = 256;

interface Doc {
  readonly id: string;
  readonly answered?: readonly Answered[];
  readonly answeredIds?: readonly string[];
}

function key(i: number) {
  return { id: `r-${String(i)}`, fingerprint: `f-${String(i)}` };
}

test('each command is in the document or in what it had no room for, until it is old', (t) => {
  const gaps = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 900 });
  fc.assert(
    fc.property(gaps, (steps) => {
      let document: Doc = { id: 'd' };
      const elsewhere: Answered[] = [];
      const times: number[] = [];
      let nowMs = 0;
      for (const [i, gap] of steps.entries()) {
        nowMs += gap;
        const kept = keepAnswer(document, key(i), nowMs, KEEP_MS);
        document = kept.document;
        elsewhere.push(...kept.overflow);
        times.push(nowMs);
        const { answered = [], answeredIds = [] } = document;
        if (answered.length > MOST) return false;
        if (answered.map(({ id }) => id).join() !== answeredIds.join()) return false;
      }
      const there = new Set([...(document.answered ?? []), ...elsewhere].map(({ id, timeMs }) => `${id} ${timeMs}`));
      return times.every((timeMs, i) => timeMs <= nowMs - KEEP_MS || there.has(`r-${String(i)} ${timeMs}`));
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('a repeat is known by its id, another request by the same id is refused, and without an id nothing is kept', (t) => {
  const { document } = keepAnswer<Doc>({ id: 'd' }, key(1), 5, KEEP_MS);
  t.deepEqual(document, { id: 'd', answered: [{ ...key(1), timeMs: 5 }], answeredIds: ['r-1'] });
  t.true(wasAnswered(document.answered, key(1)));
  t.false(wasAnswered(document.answered, key(2)));
  t.false(wasAnswered(undefined, key(1)));
  const error = t.throws(() => wasAnswered(document.answered, { id: 'r-1', fingerprint: 'another' }), {
    instanceOf: BerthError,
  });
  t.is(error.reason, 'REQUEST_ID_REUSED');
  const none = { id: '', fingerprint: 'f' };
  t.false(wasAnswered([{ ...none, timeMs: 1 }], none));
  t.is(keepAnswer(document, none, 5, KEEP_MS).document, document);
});
