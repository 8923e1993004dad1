import type { Actor } from '@berth/kernel';
import test from 'ava';
import { newIntent } from './allocation.js';
import { deleteFailed, deleting } from './collecting.js';
import { failRelease } from './transitions.js';

const ann: Actor = { name: 'ann', kind: 'caller' };
const spec = { kind: 'vm', owner: 'ann', labels: [], attributes: [], protected: false };

test('a failed release leaves a deletion that runs to the collector, and ends one that nobody told of', (t) => {
  const begun = deleting(newIntent({ id: 'al-1', spec, timeoutMs: 1000 }, ann, 0), 500, 100);
  const failed = failRelease('busy');
  const running = failed(begun, ann, 200);
  t.like(running, { deletingUntilMs: 500, deleteFailure: 'busy', flags: ['DELETE_FAILED'] });
  t.is(failed(running ?? begun, ann, 300), undefined, 'told before');
  const over = failed(running ?? begun, ann, 500);
  t.is(over?.deletingUntilMs, undefined);
  t.is(over?.history.length, 2);
  const noted = deleteFailed(running ?? begun, 'busy', 300);
  t.is(noted?.deletingUntilMs, undefined, 'what the collector says ends it, also with the same reason');
  t.is(noted?.history.at(-1)?.actor.name, 'berth');
});
