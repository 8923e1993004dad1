import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '@berth/commands';
import { openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { PoolOptions } from '../domain/options/options.js';
import { DEFAULT_OPTIONS } from '../domain/options/options.js';
import type { Resource } from '../domain/resource.js';
import type { CommandRunner } from '../ports/command-runner.js';
import { RESOURCES } from '../ports/collections.js';
import { openLogs } from '../store/open-logs.js';
import { openSweeps } from '../store/open-sweeps.js';
import type { PoolsInForce } from './pools-in-force.js';
import { RunLogs } from './run-logs.js';
import type { SweepContext } from './sweep-pool.js';
import { sweepPool } from './sweep-pool.js';
import { sweepPools } from './sweep-pools.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const RUNNER: CommandRunner = { host: 'here', run: (command) => runCommand(command), kill: () => Promise.resolve() };
const HOUR_MS = 3_600_000;

/** A provider that is a folder: a file a name. `cmd_delete` takes a name out, and fails for those with a 9. */
interface Provider {
  readonly pool: PoolOptions;
  readonly add: (...names: readonly string[]) => void;
  readonly names: () => readonly string[];
}

function provider(t: ExecutionContext, list?: string): Provider {
  const folder = tempFolder(t);
  const remove = `case $RESALLOC_NAME in *9) echo stuck; exit 1;; esac; rm ${folder}/$RESALLOC_NAME`;
  const commands = { new: 'false', delete: remove, list: list ?? `ls ${folder}` };
  const sweep = { ...DEFAULT_OPTIONS.sweep, prefix: 'vm-', maxDeletions: 2 };
  return {
    pool: { ...DEFAULT_OPTIONS, name: 'vms', namePattern: 'vm-{id}', commands, sweep },
    add: (...names) => {
      for (const name of names) writeFileSync(join(folder, name), '');
    },
    names: () => readdirSync(folder).sort(),
  };
}

interface Lab extends SweepContext {
  readonly clock: FakeClock;
  readonly reports: (readonly string[])[];
  readonly reportMs: number[];
}

async function openLab(t: ExecutionContext): Promise<Lab> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const clock = fakeClock();
  const logs = new RunLogs(await openLogs(store), clock, SILENT);
  t.teardown(async () => {
    await logs.settle();
    await store.close();
  });
  const resources = await store.collection<Resource>({
    name: RESOURCES,
    indexes: [{ name: 'name', fields: ['liveName'] }],
  });
  const reports: (readonly string[])[] = [];
  const reportMs: number[] = [];
  const reportSeen = (_: string, names: readonly string[]) => {
    reports.push(names);
    reportMs.push(clock.now());
    return Promise.resolve();
  };
  return {
    runner: RUNNER,
    logs,
    logger: SILENT,
    clock,
    resources,
    sweeps: await openSweeps(store),
    tracker: { reportSeen },
    reports,
    reportMs,
  };
}

const { signal } = new AbortController();

async function sweep(
  lab: Lab,
  { pool }: Provider,
  options: { validateOnly?: boolean; mayDelete?: () => boolean } = {},
) {
  const { strangers } = await sweepPool(lab, pool, { validateOnly: false, signal, ...options });
  return strangers.map(({ name, verdict, fault }) =>
    [name, verdict, ...(fault === undefined ? [] : [fault])].join(' '),
  );
}

test('a stranger is deleted once it was seen twice, an hour apart; what has a row, and what others have, never is', async (t) => {
  const [lab, vms] = [await openLab(t), provider(t)];
  const row = { id: '1', name: 'vm-00000001', liveName: 'vm-00000001' } as Resource;
  await lab.resources.insert([row, { id: '2', name: 'vm-00000002' } as Resource]);
  vms.add('vm-00000001', 'vm-00000002', 'database', 'vm-2');
  const rest = ['database FOREIGN', 'vm-2 FOREIGN'];
  t.deepEqual(await sweep(lab, vms), ['database FOREIGN', 'vm-00000002 TOO_NEW', 'vm-2 FOREIGN']);
  t.deepEqual(lab.reports, [['vm-00000001', 'vm-00000002']]);
  lab.clock.advance(HOUR_MS);
  t.deepEqual(await sweep(lab, vms, { validateOnly: true }), ['vm-00000002 DELETED', ...rest]);
  t.is(vms.names().length, 4);
  t.deepEqual(await sweep(lab, vms), ['vm-00000002 DELETED', ...rest]);
  t.deepEqual(vms.names(), ['database', 'vm-00000001', 'vm-2']);
  t.deepEqual(await sweep(lab, vms), rest);
});

test('no more are deleted at a time than is allowed, and one that cannot be is tried again', async (t) => {
  const [lab, vms] = [await openLab(t), provider(t)];
  vms.add('vm-00000009', 'vm-00000002', 'vm-00000003');
  await sweep(lab, vms);
  lab.clock.advance(HOUR_MS);
  t.deepEqual(await sweep(lab, vms, { mayDelete: () => false }), [
    ...['vm-00000002 DELETED was not started', 'vm-00000003 DELETED was not started', 'vm-00000009 OVER_LIMIT'],
  ]);
  await sweep(lab, vms);
  const failed = ['vm-00000009 DELETED ended with code 1: stuck'];
  t.deepEqual([await sweep(lab, vms), await sweep(lab, vms)], [failed, failed]);
  t.deepEqual(vms.names(), ['vm-00000009']);
});

test('from a list that fails or is cut nothing is concluded, not even that something is gone', async (t) => {
  const [lab, vms] = [await openLab(t), provider(t)];
  vms.add('vm-00000002');
  await sweep(lab, vms);
  for (const list of ['exit 1', 'yes | head -c 3000000']) {
    lab.clock.advance(HOUR_MS);
    const error = await t.throwsAsync(sweepPool(lab, provider(t, list).pool, { validateOnly: false, signal }));
    t.is((error as Error & { reason?: string }).reason, 'LIST_FAILED');
  }
  t.is(lab.reports.length, 1);
  t.deepEqual(await sweep(lab, vms), ['vm-00000002 DELETED']);
});

test('a list that shows nothing at all deletes nothing', async (t) => {
  const [lab, vms] = [await openLab(t), provider(t)];
  vms.add('vm-00000002');
  await sweep(lab, vms);
  lab.clock.advance(HOUR_MS);
  t.deepEqual(await sweep(lab, provider(t)), []);
  t.deepEqual(await sweep(lab, vms), ['vm-00000002 TOO_NEW']);
});

test('a pool without cmd_list cannot be swept', async (t) => {
  const [lab, { pool }] = [await openLab(t), provider(t)];
  const commands = { new: 'x', delete: 'y' };
  const error = await t.throwsAsync(sweepPool(lab, { ...pool, commands }, { validateOnly: true, signal }));
  t.regex(error.message, /pool 'vms' has no cmd_list/);
});

test('each pool is swept as often as it says, and one whose list hangs does not delay the others', async (t) => {
  const [lab, vms] = [await openLab(t), provider(t)];
  vms.add('vm-00000002');
  const hangs = { ...provider(t, 'sleep 60').pool, name: 'hangs' };
  const without = { ...vms.pool, name: 'without', commands: { new: 'x', delete: 'y' } };
  const all = [hangs, vms.pool, without].map((options) => ({ options, removed: false }));
  const abort = new AbortController();
  const sweeping = sweepPools(lab, { all } as unknown as PoolsInForce, abort.signal, { isHeld: () => true });
  const gone = () => {
    lab.clock.advance(60_000);
    return vms.names().length === 0;
  };
  await until(gone, { what: 'the deletion' });
  t.true(lab.reportMs.length > 1);
  for (const [at, ms] of lab.reportMs.entries()) if (at > 0) t.true(ms - (lab.reportMs[at - 1] ?? 0) >= 1_800_000);
  abort.abort(new Error('the lock is lost'));
  await sweeping;
  t.is(await lab.sweeps.get('hangs'), undefined);
});
