import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@berth/testkit';
import type { EventLog } from '../event-log.js';
import type { Running, Suite } from './subject.js';
import { bytes, commit, text, texts } from './subject.js';

const APPENDER = fileURLToPath(new URL('appender.ts', import.meta.url));

interface Appender {
  readonly child: ChildProcess;
  readonly acknowledged: readonly number[];
}

/** Starts the child that appends and resolves once `count` of its appends were acknowledged. */
async function appending(engine: string, target: string, count: number): Promise<Appender> {
  const child = fork(APPENDER, [engine, target], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const acknowledged: number[] = [];
  let rest = '';
  child.stdout?.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    acknowledged.push(...lines.map(Number));
  });
  await until(() => acknowledged.length >= count, {
    what: `${String(count)} appends of the child`,
    timeoutMs: 60_000,
  });
  return { child, acknowledged };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

/** What the child wrote, checked: every append whole, with its lock and its answer. Gives the ends of the entries. */
async function wholeEntries(log: EventLog): Promise<{ ends: Set<number>; torn: string[] }> {
  const { entries, last } = await log.load();
  const torn: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const lease = `lease-${String(index)}`;
    if (text(entry.events[0]) !== String(index) || entry.events.length !== 2) torn.push(`events of ${lease}`);
    if ((await log.recall(lease)) !== lease) torn.push(`answer of ${lease}`);
    const hold = { kind: 'hold', bench: `bench-${String(index)}`, lease: 'another', event: 0 } as const;
    const result = await log.append({ expected: last, events: [bytes('x')], steps: [hold] });
    if (result.outcome !== 'refused' || result.refusal.lease !== lease) torn.push(`lock of ${lease}`);
  }
  return { ends: new Set(entries.map((entry) => entry.last)), torn };
}

/** What survives the end of the process and of the server. These tests restart their own store. */
export function testDurability({ test, subject }: Suite): void {
  async function withOwn(body: (running: Running) => Promise<void>): Promise<void> {
    const running = await subject.start();
    try {
      await body(running);
    } finally {
      await running.stop();
    }
  }

  test('entries, snapshot, locks, answers and bookmarks are there after a restart', async (t) => {
    await withOwn(async (running) => {
      const before = await running.store.open('lab');
      const one = await commit(before, 0, [{ kind: 'hold', bench: 'b', lease: 'l', event: 0 }], ['one']);
      const remember = { kind: 'remember', id: 'r', value: 'answer', ttlMs: 60_000 } as const;
      const two = await commit(before, one.last, [remember], ['two', 'more']);
      await before.saveSnapshot({ revision: one.last, data: bytes('state') });
      await before.trim(one.last);
      await before.setBookmark('history', one.last);
      await running.restart();
      const store = await running.reopen();
      t.deepEqual(await store.labs(), ['lab']);
      t.true(await store.has('lab'));
      t.false(await store.has('other'));
      await store.open('other');
      t.false(await store.has('other'), 'nothing was written into it');
      const log = await store.open('lab');
      const { snapshot, entries, last } = await log.load();
      t.is(text(snapshot?.data), 'state');
      t.deepEqual(texts(entries), ['two', 'more']);
      t.is(last, two.last);
      t.is(await log.recall('r'), 'answer');
      t.is(await log.bookmark('history'), one.last);
      const hold = { kind: 'hold', bench: 'b', lease: 'other', event: 0 } as const;
      const refused = await log.append({ expected: last, events: [bytes('x')], steps: [hold] });
      t.deepEqual(refused, { outcome: 'refused', refusal: { step: 0, lease: 'l' } });
      t.true((await commit(log, last)).first > two.last);
    });
  });

  test('revisions rise over a restart when every entry is trimmed', async (t) => {
    await withOwn(async (running) => {
      const before = await running.store.open('lab');
      const { last } = await commit(before, 0);
      await before.saveSnapshot({ revision: last, data: bytes('s') });
      await before.trim(last);
      await running.restart();
      const log = await (await running.reopen()).open('lab');
      t.is((await log.load()).last, last);
      t.true((await commit(log, last)).first > last);
    });
  });

  test('every acknowledged append is there after kill -9 of the writer, and none is torn', async (t) => {
    await withOwn(async (running) => {
      await running.release();
      const { child, acknowledged } = await appending(subject.engine, running.target, 60);
      await killed(child);
      const log = await (await running.reopen()).open('killed');
      const { ends, torn } = await wholeEntries(log);
      t.deepEqual(torn, []);
      t.deepEqual(
        acknowledged.filter((revision) => !ends.has(revision)),
        [],
      );
      t.true(acknowledged.length >= 60);
    });
  });
}
