import test from 'ava';
import type { LeaseBegan } from '../ports/history-sink.js';
import { beginningsOf } from './lease-allocations.js';

const BEGAN: LeaseBegan = {
  kind: 'began',
  leaseId: 'ls-1',
  token: 7,
  benches: ['b1', 'b2'],
  owner: 'ann',
  description: '',
  labels: { booking: 'mine', job: '17' },
  booking: '',
  atMs: 1,
};

function labelsOf(began: LeaseBegan): readonly object[] {
  return beginningsOf('default', began).map(({ request }) => request.allocation?.labels ?? {});
}

test('the history of a lease bears the booking that it spent', (t) => {
  const [first, second] = labelsOf({ ...BEGAN, booking: 'bk-1' });
  t.deepEqual(first, { booking: 'bk-1', job: '17', lab: 'default', bench: 'b1' });
  t.like(second, { booking: 'bk-1', bench: 'b2' });
});

test('a label of a request stays where the lease spends no booking', (t) => {
  t.like(labelsOf(BEGAN)[0], { booking: 'mine' });
});
