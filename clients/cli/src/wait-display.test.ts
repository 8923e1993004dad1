import { ConditionState, WaitReason } from '@berth/client';
import { Queued } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { jsonDisplay, lineDisplay, waitLines } from './wait-display.js';

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

test('long lists are cut, pools are told', (t) => {
  const candidates = Array.from({ length: 20 }, (_, i) => ({ bench: `r${String(i)}` }));
  const offers = [{ pool: 'vm', blockedReason: 'quota is used up' }];
  const lines = waitLines(queued({ candidates, candidateTotal: 30, offers }), '[a]', 0, NOW);
  t.is(lines.length, 1 + 8 + 1 + 1);
  t.deepEqual(lines.slice(-2), ['  and 22 more', '  pool vm: quota is used up']);
});

test('without a terminal only news makes a line', (t) => {
  const lines: string[] = [];
  const display = lineDisplay('[a]', (line) => lines.push(line));
  display.queued(queued());
  display.queued(queued({ estimatedWait: { seconds: 230, nanos: 0 } }));
  display.queued(queued({ position: 1 }));
  t.is(lines.length, 2);
  t.regex(lines[1] ?? '', /place 1 .*resource1 {2}held by tony/);
});

test('programs get a JSON object a line, with names for numbers', (t) => {
  const lines: string[] = [];
  jsonDisplay((line) => lines.push(line)).queued(queued());
  t.like(JSON.parse(lines[0] ?? ''), { event: 'queued', position: 2, reason: 'HELD', estimatedWait: '240s' });
});
