import test from 'ava';
import { Timeline } from './timeline.js';

test('back to back is no conflict: a row ends where the next one begins', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 100, { cores: 1 });
  timeline.add('booking', 10, 20, { cores: 1 });
  t.is(timeline.firstShortage(20, 30, { cores: 1 }), undefined);
  t.is(timeline.firstShortage(0, 10, { cores: 1 }), undefined);
  t.deepEqual(timeline.firstShortage(0, 11, { cores: 1 }), { startMs: 10, endMs: 11, amount: 'cores', shortfall: 1 });
});

test('the first shortage has its amount, and what is missing at its worst instant', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 100, { cores: 10, memory: 8 });
  timeline.add('booking', 20, 60, { cores: 8 });
  timeline.add('booking', 30, 40, { cores: 1, memory: 8 });
  const need = { memory: 1, cores: 3 };
  t.deepEqual(timeline.firstShortage(0, 100, need), { startMs: 20, endMs: 60, amount: 'cores', shortfall: 2 });
  t.deepEqual(timeline.firstShortage(30, 100, need), { startMs: 30, endMs: 60, amount: 'cores', shortfall: 2 });
  t.deepEqual(timeline.firstShortage(35, 36, { memory: 1 }), {
    startMs: 35,
    endMs: 36,
    amount: 'memory',
    shortfall: 1,
  });
  t.deepEqual(timeline.firstShortage(90, 110, { cores: 1 }), {
    startMs: 100,
    endMs: 110,
    amount: 'cores',
    shortfall: 1,
  });
});

test('what needs nothing fits, also where less than nothing is left', (t) => {
  const timeline = new Timeline();
  timeline.add('booking', 0, 10, { cores: 5 });
  t.is(timeline.at('cores', 5), -5);
  t.is(timeline.firstShortage(0, 10, { cores: 0 }), undefined);
  t.is(timeline.firstFit(0, 10, 5, { cores: 0 }), 0);
  t.deepEqual(timeline.shortages('cores', -10, 20, 0), [{ startMs: 0, endMs: 10, amount: 'cores', shortfall: 5 }]);
});

test('the first fit goes round the amounts until all of them agree', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 100, { cores: 1, memory: 1 });
  timeline.add('booking', 0, 10, { cores: 1 });
  timeline.add('booking', 15, 25, { memory: 1 });
  timeline.add('booking', 30, 40, { cores: 1 });
  timeline.add('booking', 45, 50, { memory: 1 });
  t.is(timeline.firstFit(0, 100, 5, { cores: 1, memory: 1 }), 10);
  t.is(timeline.firstFit(0, 100, 6, { cores: 1, memory: 1 }), 50);
  t.is(timeline.firstFit(0, 100, 50, { cores: 1, memory: 1 }), 50);
  t.is(timeline.firstFit(0, 100, 51, { cores: 1, memory: 1 }), undefined);
  t.is(timeline.firstFit(0, 99, 50, { cores: 1, memory: 1 }), undefined);
});

test('amounts of ten-thousandths up to 10¹¹ stay exact', (t) => {
  const timeline = new Timeline();
  const most = 10 ** 11 * 10_000;
  timeline.add('grant', 0, 8_640_000_000_000_000, { disc: most });
  timeline.add('booking', 5, 10, { disc: most - 1 });
  t.is(timeline.worst('disc', 0, 20), 1);
  t.is(timeline.firstShortage(0, 20, { disc: 2 })?.shortfall, 1);
  timeline.add('booking', 5, 10, { disc: most - 1 }, -1);
  t.is(timeline.worst('disc', 0, 20), most);
});
