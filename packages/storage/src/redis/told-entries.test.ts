import test from 'ava';
import type { LogEntry } from '../event-log/event-log.js';
import { ToldEntries } from './told-entries.js';

function entry(last: number): LogEntry {
  return { first: last, last, events: [new Uint8Array([last])] };
}

function lastsOf(told: ToldEntries, cursor: number): readonly [prev: number, last: number][] {
  return told.take(cursor).map(({ prev, entry: { last } }) => [prev, last]);
}

function tellAll(told: ToldEntries, count: number): void {
  for (let last = 1; last <= count; last++) told.tell(last - 1, [entry(last)]);
}

test('what was told is taken once, each entry with the one before it', (t) => {
  const told = new ToldEntries(() => 0);
  told.tell(5, [entry(7), entry(8)]);
  told.tell(8, [entry(11)]);
  t.deepEqual(lastsOf(told, 5), [
    [5, 7],
    [7, 8],
    [8, 11],
  ]);
  t.deepEqual(lastsOf(told, 5), []);
});

test('a follower that has read some already takes the rest', (t) => {
  const told = new ToldEntries(() => 0);
  told.tell(5, [entry(7), entry(8)]);
  t.deepEqual(lastsOf(told, 7), [[7, 8]]);
});

test('an entry that was told twice, and one that follows something unknown, are taken once and not at all', (t) => {
  const told = new ToldEntries(() => 0);
  told.tell(5, [entry(7)]);
  told.tell(5, [entry(7), entry(8)]);
  told.tell(9, [entry(10)]);
  t.deepEqual(lastsOf(told, 5), [
    [5, 7],
    [7, 8],
  ]);
});

test('nothing is taken by a follower that was not told what follows its position', (t) => {
  const told = new ToldEntries(() => 0);
  told.tell(7, [entry(8)]);
  t.deepEqual(lastsOf(told, 5), []);
  told.tell(7, [entry(8)]);
  t.deepEqual(lastsOf(told, 8), []);
});

test('a follower that takes nothing reads instead of being told of all later', (t) => {
  const told = new ToldEntries(() => 0);
  tellAll(told, 64);
  t.is(told.take(0).length, 64);
  tellAll(told, 65);
  t.deepEqual(lastsOf(told, 0), []);
});

test('the follower pauses until 5 ms after it was told last', (t) => {
  let now = 100;
  const told = new ToldEntries(() => now);
  t.true(told.pauseMs <= 0);
  told.tell(0, [entry(1)]);
  t.is(told.pauseMs, 5);
  now = 103;
  t.is(told.pauseMs, 2);
  told.tell(1, [entry(2)]);
  t.is(told.pauseMs, 5);
  now = 108;
  t.is(told.pauseMs, 0);
});
