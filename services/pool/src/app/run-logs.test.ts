import { openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { LogCollections } from '../ports/log-collections.js';
import { openLogs } from '../store/open-logs.js';
import { RunLogs } from './run-logs.js';

interface Lab {
  readonly logs: RunLogs;
  readonly collections: LogCollections;
  readonly clock: FakeClock;
  readonly warnings: string[];
}

async function openLab(t: ExecutionContext): Promise<Lab> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const [collections, clock, warnings] = [await openLogs(store), fakeClock(), [] as string[]];
  const warn = (_: object, message: string) => void warnings.push(message);
  const logger = { info: () => undefined, warn, error: warn };
  return { logs: new RunLogs(collections, clock, logger), collections, clock, warnings };
}

const NEW = { number: 7, pool: 'vms', hook: 'new', attempt: 0 } as const;

/** What is kept of a run, with `[n]` for n bytes that were left out. */
async function logOf({ collections }: Lab, run: string): Promise<string> {
  const { documents } = await collections.parts.find({ where: { id: { prefix: `${run}/` } }, limit: 1000 });
  let [text, end] = ['', 0];
  for (const { offset, data } of documents.map(({ value }) => value)) {
    const bytes = Buffer.from(data, 'base64');
    text += `${offset === end ? '' : `[${offset - end}]`}${String(bytes)}`;
    end = offset + bytes.length;
  }
  return text;
}

test('a run is noted with its end and what it wrote', async (t) => {
  const lab = await openLab(t);
  const log = lab.logs.begin(NEW, 1000);
  log.add(Buffer.from('one\n'));
  log.add(Buffer.from('two\n'));
  lab.clock.advance(100);
  lab.logs.end(log, { code: 3, fault: 'ended with code 3' });
  await lab.logs.settle();
  const [run, ...others] = await lab.logs.runsOf(7);
  const startMs = lab.clock.now() - 100;
  t.like(run, { ...NEW, startMs, endMs: startMs + 100, code: 3, fault: 'ended with code 3' });
  t.deepEqual(others, []);
  t.is(await logOf(lab, run?.id ?? ''), 'one\ntwo\n');
  t.deepEqual(await lab.logs.runsOf(77), []);
});

test('what a run writes can be read while it runs', async (t) => {
  const lab = await openLab(t);
  const log = lab.logs.begin(NEW, 1000);
  log.add(Buffer.from('one\n'));
  lab.clock.advance(250);
  const run = await until(async () => (await lab.logs.runsOf(7))[0], { what: 'the run' });
  t.is(run.endMs, undefined);
  t.is(await until(() => logOf(lab, run.id), { what: 'its output' }), 'one\n');
  log.add(Buffer.from('two\n'));
  await log.end({ code: 0, fault: '' });
  t.is(await logOf(lab, run.id), 'one\ntwo\n');
  t.like((await lab.logs.runsOf(7))[0], { endMs: lab.clock.now(), code: 0, fault: '' });
});

test('of a long log the beginning and the end are kept, however often it was written', async (t) => {
  const lab = await openLab(t);
  const log = lab.logs.begin(NEW, 16);
  for (let i = 0; i < 20; i += 1) {
    log.add(Buffer.from(`${i % 10}abc`));
    lab.clock.advance(250);
    await log.flushed();
  }
  await log.end({ code: 0, fault: '' });
  const [run] = await lab.logs.runsOf(7);
  t.is(await logOf(lab, run?.id ?? ''), '0abc1abc[64]8abc9abc');
});

test('a run that never began leaves nothing', async (t) => {
  const lab = await openLab(t);
  const log = lab.logs.begin(NEW, 100);
  log.add(Buffer.from('x'));
  lab.clock.advance(250);
  lab.logs.end(log, undefined);
  await lab.logs.settle();
  t.deepEqual(await lab.logs.runsOf(7), []);
  t.is(await lab.collections.parts.count(), 0);
});

test('the last ten livechecks of a resource are kept', async (t) => {
  const lab = await openLab(t);
  for (let attempt = 0; attempt < 13; attempt += 1) {
    for (const [number, hook] of [
      [7, 'livecheck'],
      [7, 'release'],
      [8, 'livecheck'],
    ] as const) {
      lab.clock.advance(1);
      const log = lab.logs.begin({ number, pool: 'vms', hook, attempt }, 100);
      log.add(Buffer.from('x'));
      await log.end({ code: 0, fault: '' });
    }
  }
  const kept = async (number: number, hook: string) =>
    (await lab.logs.runsOf(number)).filter((run) => run.hook === hook).map(({ attempt }) => attempt);
  t.deepEqual(await kept(7, 'livecheck'), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  t.is((await kept(8, 'livecheck')).length, 10);
  t.is((await kept(7, 'release')).length, 13);
  t.is(await lab.collections.parts.count(), 33);
});

test('old runs are forgotten with what they wrote', async (t) => {
  const lab = await openLab(t);
  for (const number of [1, 2]) {
    const log = lab.logs.begin({ ...NEW, number }, 100);
    log.add(Buffer.from('x'));
    await log.end({ code: 0, fault: '' });
    lab.clock.advance(1000);
  }
  t.is(await lab.logs.forget(lab.clock.now() - 1000, new AbortController().signal), 1);
  t.deepEqual([(await lab.logs.runsOf(1)).length, (await lab.logs.runsOf(2)).length], [0, 1]);
  t.is(await lab.collections.parts.count(), 1);
});

test('a store that fails costs the log alone', async (t) => {
  const lab = await openLab(t);
  const broken = () => Promise.reject(new Error('disk full'));
  const { runs, parts } = lab.collections;
  const store = { ...lab.collections.store, writeAll: broken };
  const logs = new RunLogs({ runs, parts, store }, lab.clock, {
    ...console,
    warn: (_, what) => lab.warnings.push(what),
  });
  const log = logs.begin(NEW, 100);
  log.add(Buffer.from('x'));
  await log.end({ code: 0, fault: '' });
  t.deepEqual(lab.warnings, ['a part of the log of a command is lost']);
});
