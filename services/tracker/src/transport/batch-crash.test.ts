import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Allocation } from '@berth/proto/berth/tracker/v1/allocation';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Engine } from './tracker-server.fixture.js';
import { mongoDatabase, onEachEngine } from './tracker-server.fixture.js';

const SCRIPT = fileURLToPath(new URL('tracker-process.fixture.ts', import.meta.url));
const COUNT = 10_000;
const REQUESTS = Array.from({ length: COUNT }, (_, i) => ({
  allocation: { kind: 'vm', owner: 'ann', externalId: `vm-${i}`, labels: { job: `job-${i % 10}` } },
  requestId: `batch-1/${i}`,
}));

interface Place {
  readonly engine: Engine;
  readonly where: string;
  readonly database: string;
}

interface Running {
  readonly process: ChildProcess;
  readonly api: Berth['allocations'];
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
}

function newPlace(t: ExecutionContext, engine: Engine): Place {
  if (engine === 'mongo') {
    const { url, database } = mongoDatabase(t);
    return { engine, where: url, database };
  }
  const where = mkdtempSync(join(tmpdir(), 'tracker-'));
  t.teardown(() => {
    rmSync(where, { recursive: true, force: true });
  });
  return { engine, where, database: 'tracker' };
}

async function start(t: ExecutionContext, { engine, where, database }: Place, failpoint = ''): Promise<Running> {
  const child = spawn(
    process.execPath,
    ['--import=tsx', '--conditions=@berth/source', SCRIPT, engine, where, database],
    { env: { ...process.env, BERTH_FAILPOINT: failpoint }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  t.teardown(kill);
  const port = await until(() => Number(/^(\d+)\n/.exec(out)?.[1]), {
    what: 'the tracker to serve',
    timeoutMs: 60_000,
  });
  const berth = connect({ address: `127.0.0.1:${port}`, user: 'ann', role: 'operator', timeoutMs: 60_000 });
  t.teardown(() => {
    berth.close();
  });
  return { process: child, api: berth.allocations, kill };
}

async function everything(api: Berth['allocations']): Promise<readonly Allocation[]> {
  const all: Allocation[] = [];
  for await (const { allocations } of api.exportAllocations({})) all.push(...allocations);
  return all;
}

/** Resolves once some of the batch is on its way into the store. */
async function untilWriting({ engine, where }: Place, { api }: Running): Promise<void> {
  if (engine === 'sqlite') {
    const size = (): number =>
      readdirSync(where).reduce((sum, name) => sum + statSync(join(where, name), { throwIfNoEntry: false })!.size, 0);
    const before = size();
    await until(() => size() > before + 200_000, { what: 'the file to grow' });
    return;
  }
  const some = async (): Promise<boolean> => (await api.listAllocations({ pageSize: 1 })).allocations.length > 0;
  await until(some, { what: 'the first to be inserted' });
}

/** What survived a crash is whole; the retried batch completes it and adds nothing twice; and so does the next. */
async function checkRetry(t: ExecutionContext, api: Berth['allocations']): Promise<void> {
  const survived = await everything(api);
  for (const { externalId, kind, owner, labels, state, history, deadline } of survived) {
    const i = Number(externalId.slice('vm-'.length));
    const facts = { kind, owner, labels, state, changes: history.length, hasDeadline: deadline !== undefined };
    const whole = { kind: 'vm', owner: 'ann', labels: { job: `job-${i % 10}` }, state: AllocationState.INTENT };
    t.deepEqual(facts, { ...whole, changes: 1, hasDeadline: true });
  }
  const ids = new Map(survived.map(({ externalId, id }) => [externalId, id]));
  t.is(ids.size, survived.length);
  for (let retry = 0; retry < 2; retry += 1) {
    const { results } = await api.batchRegisterIntents({ requests: REQUESTS });
    for (const { result } of results) {
      if (result?.$case !== 'allocation') throw new Error(result?.value.message ?? 'no result');
      const { externalId, id } = result.value;
      t.is(ids.get(externalId) ?? id, id);
      ids.set(externalId, id);
    }
    t.is((await everything(api)).length, COUNT);
  }
}

onEachEngine(test, (engine, title) => {
  test.serial(title('a batch of 10,000 intents survives a kill in the middle'), async (t) => {
    const place = newPlace(t, engine);
    const first = await start(t, place);
    const call = first.api
      .batchRegisterIntents({ requests: REQUESTS }, { retry: false })
      .catch((error: unknown) => error);
    await untilWriting(place, first);
    await first.kill();
    await call;
    const second = await start(t, place);
    await checkRetry(t, second.api);
  });

  test.serial(title('a batch that was written but never answered is answered by its repeat'), async (t) => {
    const place = newPlace(t, engine);
    const first = await start(t, place, 'tracker.intentsInserted:exit');
    await t.throwsAsync(first.api.batchRegisterIntents({ requests: REQUESTS }, { retry: false }));
    const second = await start(t, place);
    t.is((await everything(second.api)).length, COUNT);
    await checkRetry(t, second.api);
  });
});
