import { ConditionState, WaitReason } from '@berth/client';
import { Queued } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { jsonDisplay, lineDisplay, type Reminder, waitLines } from './wait-display.js';

const NEVER: Reminder = { afterMs: 0, after: () => () => undefined };
const NOW = new Date(2031, 4, 9, 12, 7);

function queued(extra: Parameters<typeof Queued.fromPartial>[0] = {}): Queued {
  return Queued.fromPartial({
    requestId: 'ci-1',
    position: 2,
    waiting: 3,
    reason: WaitReason.HELD,
    candidateTotal: 2,
    candidates: [
      {
        bench: 'resource1',
        holder: 'tony',
        holderDescription: 'nightly flash',
        heldSince: new Date(2031, 4, 9, 12, 3),
      },
      {
        bench: 'resource2',
        condition: { state: ConditionState.MAINTENANCE, reason: 'new relay', actor: { name: 'bob' } },
      },
    ],
    estimatedWait: { seconds: 240, nanos: 0 },
    ...extra,
  });
}

test('people see their place, the holders since when, and an estimate that is called one', (t) => {
  t.deepEqual(waitLines(queued(), '[a]', 8000, NOW), [
    'waiting for [a]: place 2 (3 wait in the lab), 8s so far; about 4m more (an estimate); all are held',
    '  resource1  held by tony since 12:03 (4m): nightly flash',
    '  resource2  maintenance by bob: new relay',
  ]);
});

test('people see which benches are being cleaned', (t) => {
  const candidates = [{ bench: 'vm1', cleaning: true }];
  t.deepEqual(waitLines(queued({ candidates, candidateTotal: 1, reason: WaitReason.CLEANING }), 'vm', 8000, NOW), [
    'waiting for vm: place 2 (3 wait in the lab), 8s so far; about 4m more (an estimate); one is being cleaned after its last lease',
    '  vm1  being cleaned',
  ]);
});

test('people see who has booked a bench, from when and until when', (t) => {
  const booked = {
    bookedBy: 'ann',
    bookedFrom: new Date(2031, 4, 9, 12, 5),
    bookedUntil: new Date(2031, 4, 9, 12, 40),
  };
  const candidates = [{ bench: 'b1', ...booked }];
  const [head, line] = waitLines(queued({ candidates, candidateTotal: 1, reason: WaitReason.BOOKED }), 'b1', 0, NOW);
  t.true(head?.endsWith('; what is not held is booked'));
  t.is(line, '  b1  booked by ann from 12:05 until 12:40 (in 33m)');
});

test('people see which limit holds them back, and what counts towards it', (t) => {
  const why = (heldLimit: { owner?: string; team?: string; limit: number; held: number }): string | undefined =>
    waitLines(queued({ candidates: [], reason: WaitReason.QUOTA, heldLimit }), 'b1', 0, NOW)[0]
      ?.split('; ')
      .at(-1);
  t.is(why({ owner: 'ann', limit: 1, held: 1 }), 'ann holds 1 of the 1 that a limit allows');
  t.is(why({ team: 'ci', limit: 4, held: 3 }), 'team ci holds 3 of the 4 that a limit allows');
});

test('long lists are cut, pools are told', (t) => {
  const candidates = Array.from({ length: 20 }, (_, i) => ({ bench: `r${String(i)}` }));
  const offers = [{ pool: 'vm', blockedReason: 'quota is used up' }];
  const lines = waitLines(queued({ candidates, candidateTotal: 30, offers }), '[a]', 0, NOW);
  t.is(lines.length, 1 + 8 + 1 + 1);
  t.deepEqual(lines.slice(-2), ['  and 22 more', '  pool vm: quota is used up']);
});

test('without a terminal only news makes a line', (t) => {
  const lines: string[] = [];
  const display = lineDisplay('[a]', (line) => lines.push(line), NEVER);
  display.queued(queued());
  display.queued(queued({ estimatedWait: { seconds: 230, nanos: 0 } }));
  display.queued(queued({ position: 1 }));
  t.is(lines.length, 2);
  t.regex(lines[1] ?? '', /place 1 .*resource1 {2}held by tony/);
});

test('programs get a JSON object a line, with names for numbers', (t) => {
  const lines: string[] = [];
  jsonDisplay((line) => lines.push(line), NEVER).queued(queued());
  t.like(JSON.parse(lines[0] ?? ''), { event: 'queued', position: 2, reason: 'HELD', estimatedWait: '240s' });
});

test('ten waits of others for another bench make no line, ones own bench going offline makes one', (t) => {
  const lines: string[] = [];
  const display = lineDisplay('[a]', (line) => lines.push(line), NEVER);
  display.queued(queued());
  for (let waiting = 4; waiting < 14; waiting += 1) display.queued(queued({ waiting }));
  t.is(lines.length, 1);
  const [first, second] = queued().candidates;
  const condition = { state: ConditionState.OFFLINE, reason: 'no power', actor: { name: 'bob' } };
  display.queued(queued({ waiting: 14, candidates: [first ?? {}, { ...second, condition }] }));
  t.is(lines.length, 2);
  t.regex(lines[1] ?? '', /\| resource2 {2}offline by bob: no power \| resource1/);
});

test('of many candidates those with news come first', (t) => {
  const lines: string[] = [];
  const display = lineDisplay('[a]', (line) => lines.push(line), NEVER);
  const candidates = Array.from({ length: 20 }, (_, i) => ({ bench: `r${String(i)}`, holder: 'tony' }));
  display.queued(queued({ candidates, candidateTotal: 20 }));
  t.regex(lines[0] ?? '', /\| r0 .*\| and 12 more$/);
  display.queued(queued({ candidates: candidates.with(15, { bench: 'r15', holder: 'ann' }), candidateTotal: 20 }));
  t.regex(lines[1] ?? '', /in the lab\)[^|]*\| r15 {2}held by ann.*\| r0 /);
});

test('after a while of silence the last is said again, as text and as JSON', (t) => {
  for (const make of [lineDisplay.bind(undefined, '[a]'), jsonDisplay]) {
    const lines: string[] = [];
    const timers = new Set<() => void>();
    const after = (ms: number, run: () => void): (() => void) => {
      t.is(ms, 180_000);
      timers.add(run);
      return () => timers.delete(run);
    };
    const display = make((line: string) => lines.push(line), { afterMs: 180_000, after });
    display.queued(queued());
    display.queued(queued({ position: 1 }));
    t.is(timers.size, 1);
    const [due] = timers;
    timers.clear();
    due?.();
    t.is(lines.length, 3);
    t.regex(lines[2] ?? '', /place 1|"position":1/);
    t.is(timers.size, 1);
    display.done();
    t.is(timers.size, 0);
  }
});
