import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError, REASONS, type Reason } from '@berth/kernel';
import { errorStatus } from '@berth/server';
import { Status } from '@berth/client';
import test from 'ava';

const PAGE = join(import.meta.dirname, '../../docs/reference/errors.md');

interface Row {
  readonly reason: string;
  readonly status: string;
  readonly when: string;
  readonly whatToDo: string;
}

function rows(): Row[] {
  return readFileSync(PAGE, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, name = '', status = '', when = '', whatToDo = '']) => {
      const reason = /^`([A-Z_]+)`$/.exec(name)?.[1];
      return reason === undefined ? [] : [{ reason, status, when, whatToDo }];
    });
}

test('the page of errors has one row for each reason, and no other', (t) => {
  t.deepEqual(
    rows()
      .map(({ reason }) => reason)
      .sort(),
    Object.keys(REASONS).sort(),
  );
});

test('each row says the status that callers get, when, and what to do', (t) => {
  for (const { reason, status, when, whatToDo } of rows()) {
    t.is(Status[errorStatus(new BerthError(reason as Reason, '')).code], status, reason);
    t.regex(when, /\w.*\.$/, reason);
    t.regex(whatToDo, /\w.*\.$/, reason);
  }
});
