import test from 'ava';
import { createLog } from './log.js';

function capture(format: 'json' | 'text'): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  return { log: createLog({ level: 'info', format }, { write: (line) => lines.push(line) }), lines };
}

test('JSON lines carry the time, the message and its facts, and no secrets', (t) => {
  const { log, lines } = capture('json');
  log.info(
    { requestId: 'r-1', redis: { password: 'hunter2' }, bench: { dut: { properties: { api_key: 'k' } } } },
    'granted',
  );
  const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  t.is(entry['msg'], 'granted');
  t.is(entry['requestId'], 'r-1');
  t.regex(String(entry['time']), /^\d{4}-\d\d-\d\dT/);
  t.notRegex(lines.join(''), /hunter2|"k"/);
});

test('text is one line an entry that a person reads, with the stack of an error below', (t) => {
  const { log, lines } = capture('text');
  log.warn({ requestId: 'r-1', waited: 3 }, 'slow');
  t.regex(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} WARN {2}slow requestId=r-1 waited=3\n$/);
  log.error({ err: new Error('broken') }, 'failed');
  t.regex(lines[1] ?? '', /ERROR failed\n {2}Error: broken\n/);
});

test('entries below the level are left out', (t) => {
  const { log, lines } = capture('json');
  log.debug('quiet');
  t.is(lines.length, 0);
});
