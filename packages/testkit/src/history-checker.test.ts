import test from 'ava';
import type { GrantSeen, HistoryEvent } from './history-checker.js';
import { checkHistory } from './history-checker.js';

function asked(request: string): HistoryEvent {
  return { kind: 'asked', request };
}

function granted(request: string, token: number, benches: string[] = ['b1'], lasting = false): HistoryEvent {
  return { kind: 'granted', request, lease: `ls-${request}`, token, benches, lasting };
}

function released(request: string): HistoryEvent {
  return { kind: 'released', lease: `ls-${request}` };
}

function rulesBroken(events: HistoryEvent[], current?: GrantSeen[]): string[] {
  return checkHistory(events, current).map(({ rule }) => rule);
}

test('a history of holds one after the other is good', (t) => {
  const events = [asked('a'), asked('b'), granted('a', 1), released('a'), granted('b', 2), released('b')];
  t.deepEqual(rulesBroken(events, []), []);
});

test('a grant before the former holder let go is an overlap', (t) => {
  t.deepEqual(rulesBroken([granted('a', 1), granted('b', 2)]), ['overlap']);
  t.deepEqual(rulesBroken([granted('a', 1, ['b1', 'b2']), granted('b', 2, ['b2', 'b3'])]), ['overlap']);
  t.deepEqual(rulesBroken([granted('a', 1, ['b1']), granted('b', 2, ['b2'])]), []);
});

test('a hold that is known to be lost is over', (t) => {
  t.deepEqual(rulesBroken([granted('a', 1), { kind: 'lost', lease: 'ls-a' }, granted('b', 2)]), []);
});

test('a late release of an older lease does not end the hold of the newer one', (t) => {
  const events = [granted('a', 1), released('a'), granted('b', 2), released('a'), granted('c', 3)];
  t.deepEqual(rulesBroken(events), ['overlap']);
});

test('a token that does not rise is told', (t) => {
  t.deepEqual(rulesBroken([granted('a', 5), released('a'), granted('b', 5)]), ['token order']);
  t.deepEqual(rulesBroken([granted('a', 5), released('a'), granted('b', 4)]), ['token order']);
});

test('a repeat must give the same grant', (t) => {
  t.deepEqual(rulesBroken([granted('a', 1), granted('a', 1)]), []);
  t.deepEqual(rulesBroken([granted('a', 1), granted('a', 2)]), ['changed grant']);
});

test('a request that is neither granted nor told is a lost waiter', (t) => {
  t.deepEqual(rulesBroken([asked('a')]), ['lost waiter']);
  t.deepEqual(rulesBroken([asked('a'), { kind: 'told', request: 'a' }]), []);
});

test('an acknowledged lasting grant that is not there at the end is lost', (t) => {
  const grant = granted('a', 1, ['b1'], true);
  t.deepEqual(rulesBroken([grant], []), ['lost grant']);
  t.deepEqual(rulesBroken([grant], [{ lease: 'ls-a', token: 2, benches: ['b1'] }]), ['lost grant']);
  t.deepEqual(rulesBroken([grant], [{ lease: 'ls-a', token: 1, benches: ['b1'] }]), []);
  t.deepEqual(rulesBroken([grant, released('a')], []), []);
  t.deepEqual(rulesBroken([granted('a', 1)], []), []);
});

test('two current leases of one bench are told', (t) => {
  const current = [
    { lease: 'x', token: 1, benches: ['b1'] },
    { lease: 'y', token: 2, benches: ['b2', 'b1'] },
  ];
  t.deepEqual(rulesBroken([], current), ['double holder']);
});
