import test from 'ava';
import { confirm, leakOf, mark, newIntent, notified, stepOf } from './index.js';

const ACTOR = { name: 'ann', kind: 'caller' } as const;
const SPEC = { kind: 'vm', owner: 'ann', labels: [], attributes: [], protected: false };

test('a mark counts only for the leak that it was made for, not for a later one by the same rule', (t) => {
  const intent = newIntent({ id: 'al-1', spec: { ...SPEC, expectedEndMs: 5 }, timeoutMs: 1 }, ACTOR, 0);
  const held = confirm({ attributes: [] })(intent, ACTOR, 0) ?? intent;
  const marked = notified(mark(held, 'L3', 10, 100), 101);
  const stepFor = (seenMs: number) =>
    stepOf({ allocation: marked, etag: 'e', leaks: [leakOf('L3', marked, seenMs)] }, 1000);
  t.deepEqual(stepFor(100), { step: 'DELETE', rule: 'L3' });
  t.deepEqual(stepFor(500), { step: 'MARK', rule: 'L3' }, 'its taking back was lost, with the process that did it');
});
