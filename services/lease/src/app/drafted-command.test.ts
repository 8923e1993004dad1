import test from 'ava';
import { Scene } from '../../simulation/scene.js';
import { bench } from '../../simulation/specs.js';
import { Draft } from '../domain/index.js';
import type { Pending } from './drafted-command.js';
import { planItem, unheard } from './drafted-command.js';

test('a command that is planned again is what its second plan made', (t) => {
  const { state } = new Scene({}, bench('b'));
  let plans = 0;
  const item = unheard({
    requestId: '',
    fingerprint: '',
    plan: (draft) => {
      plans += 1;
      for (let step = 0; step < plans; step += 1) draft.require({ kind: 'fresh', id: `r${step}` });
      return plans;
    },
  });
  const planned = (pending: Pending): ReturnType<typeof planItem> => {
    const draft = new Draft(state, 0, () => 'ls1');
    const drafted = planItem(draft, pending, 0);
    draft.finish();
    return drafted;
  };
  const first = planned(item);
  t.like(first, { made: { answer: 1 }, fromStep: 0, toStep: 1 });
  t.like(planned(first), { made: { answer: 2 }, fromStep: 0, toStep: 2 });
});
