import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock, tempFolder } from '@berth/testkit';
import test from 'ava';
import { testEventLog } from '../event-log/conformance.js';
import type { Running } from '../event-log/conformance/subject.js';
import { bytes, commit } from '../event-log/conformance/subject.js';
import { openSqlite } from './driver/open-sqlite.js';
import { openSqliteEventLogStore } from './sqlite-event-log-store.js';

async function start(): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
  const clock = fakeClock();
  let store = await openSqliteEventLogStore({ dir, clock });
  const close = (): Promise<void> => store.close();
  return {
    get store() {
      return store;
    },
    target: dir,
    pass(ms) {
      clock.advance(ms);
      return Promise.resolve();
    },
    restart: close,
    release: close,
    async reopen() {
      store = await openSqliteEventLogStore({ dir, clock });
      return store;
    },
    async stop() {
      await store.close();
      rmSync(dir, { recursive: true });
    },
  };
}

testEventLog(test, { engine: 'sqlite', start });

test('revisions rise while the clock stands still or goes back', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  const log = await store.open('lab');
  const one = await commit(log, 0, [], ['a', 'b']);
  t.is(one.first, clock.now() * 1_000);
  const two = await commit(log, one.last);
  t.is(two.first, one.last + 1);
  clock.jump(-3_600_000);
  t.is((await commit(log, two.last)).first, two.last + 1);
  clock.jump(7_200_000);
  t.is((await commit(log, two.last + 1)).first, clock.now() * 1_000);
  await store.close();
});

test('a renewal that comes while the end of its lease is appended is refused', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: tempFolder(t), clock });
  const log = await store.open('lab');
  const { last } = await commit(log, 0, [{ kind: 'arm', lease: 'l', ttlMs: 10_000 }]);
  clock.advance(11_000);
  const ending = commit(log, last, [{ kind: 'overdue', lease: 'l' }]);
  t.deepEqual(await log.touch([{ lease: 'l', ttlMs: 10_000 }]), [false]);
  await ending;
  await store.close();
});

test('a jump of the wall clock ends no deadline and no session', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  const log = await store.open('lab');
  await commit(log, 0, [{ kind: 'arm', lease: 'l', ttlMs: 10_000 }]);
  await log.openSession('s', 10_000);
  clock.jump(3_600_000);
  t.deepEqual(await log.deadlines(['l']), [10_000]);
  t.true(await log.beat('s', 10_000));
  await store.close();
});

test('expired answers are deleted as new ones come', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
  const clock = fakeClock();
  const store = await openSqliteEventLogStore({ dir, clock });
  const log = await store.open('lab');
  let last = 0;
  for (let index = 0; index < 1_000; index += 1) {
    const remember = { kind: 'remember', id: `r${String(index)}`, value: 'v', ttlMs: 100 } as const;
    ({ last } = await commit(log, last, [remember]));
    clock.advance(1);
  }
  await store.close();
  const db = openSqlite(join(dir, 'lease-log.db'));
  const kept = db.prepare<[], { count: number }>('SELECT count(*) AS count FROM answer').get()?.count ?? 0;
  db.close();
  rmSync(dir, { recursive: true });
  // A hundred live ones, as many again that are looked at per round, and what came in since.
  t.true(kept >= 100 && kept < 400, String(kept));
});

test('a closed log says that the server is stopping, and its followers end', async (t) => {
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock: fakeClock() });
  const log = await store.open('lab');
  const following = (async () => {
    const seen = [];
    for await (const next of log.follow(0, new AbortController().signal)) seen.push(next);
    return seen;
  })();
  await store.close();
  t.deepEqual(await following, []);
  await t.throwsAsync(log.append({ expected: 0, events: [bytes('x')], steps: [] }), { message: /is closed/ });
});
