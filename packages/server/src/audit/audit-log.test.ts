import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import { fakeClock, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import { AuditLog } from './audit-log.js';
import type { AuditLogOptions } from './audit-log.js';
import { verifyAudit } from './verify-audit.js';

const CALLER = { name: 'ann', role: 'operator', via: 'token', by: 'gateway' } as const;
const log = pino({ level: 'silent' });

function files(dir: string): string[] {
  return readdirSync(dir)
    .sort()
    .map((name) => join(dir, name));
}

function auditIn(t: ExecutionContext, options: Partial<AuditLogOptions> = {}): { audit: AuditLog; dir: string } {
  const dir = join(tempFolder(t), 'audit');
  const audit = new AuditLog({ dir, clock: fakeClock(), logger: log, ...options });
  audit.open();
  t.teardown(() => {
    audit.close();
  });
  return { audit, dir };
}

/** Writes entries for these methods. */
function write(audit: AuditLog, ...methods: readonly string[]): void {
  for (const method of methods) audit.write({ decision: 'allowed', method, caller: CALLER, requestId: `r-${method}` });
}

/** A file of six lines: the beginning, and m1 to m5. */
function sixLines(t: ExecutionContext): { readonly file: string; readonly lines: string[] } {
  const { audit, dir } = auditIn(t);
  write(audit, 'm1', 'm2', 'm3', 'm4', 'm5');
  audit.close();
  const [file = ''] = files(dir);
  return { file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') };
}

test('a line says who did what, when and by whom, and a fresh file is whole', (t) => {
  const { audit, dir } = auditIn(t);
  write(audit, '/a.B/C');
  audit.write({
    decision: 'refused',
    method: 'm',
    reason: 'BAD_CREDENTIALS',
    why: 'no such token',
    requestId: '',
    peer: 'p',
  });
  const [file = ''] = files(dir);
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.like(lines[0], { decision: 'begin' });
  t.like(lines[1], {
    time: '2026-01-01T00:00:00.000Z',
    decision: 'allowed',
    caller: 'ann',
    role: 'operator',
    via: 'token',
    by: 'gateway',
    method: '/a.B/C',
    requestId: 'r-/a.B/C',
    prev: lines[0]?.['hash'],
  });
  t.like(lines[2], { decision: 'refused', reason: 'BAD_CREDENTIALS', why: 'no such token', peer: 'p' });
  t.deepEqual(verifyAudit(file), { lines: 3, notes: [] });
  t.is(statSync(file).mode & 0o777, 0o600);
  t.is(statSync(dir).mode & 0o777, 0o700);
});

test('the first line that is not as it was written is named: a byte changed', (t) => {
  const { file, lines } = sixLines(t);
  for (const [i, line] of lines.entries()) {
    for (const changed of [
      line.replace('2026', '2025'),
      line.replace(/.$/, ''),
      line.replace('"hash":"', '"hash":"0'),
      '',
    ]) {
      writeFileSync(file, `${lines.with(i, changed).join('\n')}\n`);
      t.is(verifyAudit(file).broken?.line, i + 1, changed);
    }
  }
  // Somebody who makes the line's own hash fit is found at the next line.
  const { file: other, lines: others } = sixLines(t);
  writeFileSync(other, `${others.with(2, lines[3] ?? '').join('\n')}\n`);
  t.is(verifyAudit(other).broken?.line, 3);
});

test('the first line that is not as it was written is named: one removed, two swapped, one put in', (t) => {
  const { file, lines } = sixLines(t);
  for (let i = 0; i < lines.length - 1; i += 1) {
    writeFileSync(file, `${lines.toSpliced(i, 1).join('\n')}\n`);
    t.is(verifyAudit(file).broken?.line, i + 1, `line ${String(i + 1)} removed`);
    const [one = '', two = ''] = lines.slice(i, i + 2);
    writeFileSync(file, `${lines.toSpliced(i, 2, two, one).join('\n')}\n`);
    t.is(verifyAudit(file).broken?.line, i + 1, `lines ${String(i + 1)} and ${String(i + 2)} swapped`);
    writeFileSync(file, `${lines.toSpliced(i, 0, lines[(i + 2) % lines.length] ?? '').join('\n')}\n`);
    t.is(verifyAudit(file).broken?.line, i + 1, `a line put in before ${String(i + 1)}`);
  }
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
  t.is(verifyAudit(file).broken, undefined, 'a cut tail cannot be seen');
});

test('a last line that was torn is told as that, and the next file goes on from the last whole one', (t) => {
  const { file, lines } = sixLines(t);
  writeFileSync(file, lines.join('\n').slice(0, -20));
  const verdict = verifyAudit(file);
  t.is(verdict.lines, 5);
  t.is(verdict.broken, undefined);
  t.deepEqual(verdict.notes, ['line 6 is torn: the process ended while it wrote it']);
  const dir = join(file, '..');
  const audit = new AuditLog({ dir, clock: fakeClock(Date.UTC(2026, 0, 2)), logger: log });
  audit.open();
  write(audit, 'm6');
  audit.close();
  const [, next = ''] = files(dir);
  t.deepEqual(verifyAudit(next), { lines: 2, notes: [] });
});

test('a file that has grown is followed by a new one, and a tail that was cut in between is found', (t) => {
  const { audit, dir } = auditIn(t, { maxFileBytes: 500 });
  write(audit, ...Array.from({ length: 9 }, (_, i) => `m${String(i)}`));
  const all = files(dir);
  t.true(all.length > 2);
  for (const file of all) t.deepEqual(verifyAudit(file).broken, undefined, file);
  const [first = '', second = ''] = all;
  const lines = readFileSync(first, 'utf8').trimEnd().split('\n');
  writeFileSync(first, `${lines.slice(0, -1).join('\n')}\n`);
  t.is(verifyAudit(second).broken?.line, 1);
});

test('a file whose former one is gone says so', (t) => {
  const { audit, dir } = auditIn(t, { maxFileBytes: 1 });
  write(audit, 'm1', 'm2');
  const last = files(dir).at(-1) ?? '';
  const moved = join(tempFolder(t), 'moved.jsonl');
  writeFileSync(moved, readFileSync(last));
  const { broken, notes } = verifyAudit(moved);
  t.is(broken, undefined);
  t.regex(notes[0] ?? '', /^the file before this one, audit-.*\.jsonl, is not there$/);
});

test('what cannot be written is an error for who changes something, and the file stays whole', (t) => {
  const { audit, dir } = auditIn(t);
  write(audit, 'm1');
  audit.close();
  const error = t.throws(
    () => {
      write(audit, 'm2');
    },
    { instanceOf: BerthError },
  );
  t.is(error.reason, 'STORE_UNAVAILABLE');
  t.is(verifyAudit(files(dir)[0] ?? '').broken, undefined);
});

test('a folder that cannot be written to is a fault of the configuration', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  for (const dir of [join(folder, 'file'), join(folder, 'file', 'below')]) {
    const audit = new AuditLog({ dir, clock: fakeClock(), logger: log });
    const error = t.throws(
      () => {
        audit.open();
      },
      { instanceOf: BerthError, message: /audit\.dir: cannot be written to/ },
    );
    t.is(error.reason, 'INVALID_CONFIG');
  }
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  // A superuser writes anywhere.
  if (process.getuid?.() === 0) return;
  const audit = new AuditLog({ dir: closed, clock: fakeClock(), logger: log });
  t.throws(
    () => {
      audit.open();
    },
    { message: /cannot be written to/ },
  );
});
