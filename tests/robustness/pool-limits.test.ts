import { connect } from '@berth/client';
import { ResourceState } from '@berth/proto/berth/pool/v1/pool';
import type { Resource } from '@berth/proto/berth/pool/v1/resource';
import { seededRandom, startBerthd, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { HookRun } from '../driver/pool-lab.js';
import { PoolLab } from '../driver/pool-lab.js';

const TICKETS = Number(process.env['BERTH_RUNS'] ?? 40);
const AT_ONCE = 8;
const [MAX, MAX_STARTING, START_DELAY_MS, REUSES, REUSE_MS] = [4, 2, 250, 2, 20_000];
const OPTIONS = [
  ['max_starting', MAX_STARTING],
  ['max_prealloc', 1],
  ['start_delay', `${String(START_DELAY_MS)}ms`],
  ['reuse_opportunity_time', '1s'],
  ['reuse_max_count', REUSES],
  ['reuse_max_time', `${String(REUSE_MS)}ms`],
  ['tags', '[thing]'],
  ['retry', '{ initial: 200ms, max: 500ms }'],
];
/** By so much the clock of rows and that of the log may differ. */
const CLOCKS_MS = 50;

/** The time in which something was there, as its hooks tell. */
interface Life {
  readonly number: string;
  readonly id: number;
  readonly beginMs: number;
  readonly endMs: number;
}

function livesOf(runs: readonly HookRun[]): readonly Life[] {
  return runs
    .filter(({ hook }) => hook === 'new')
    .map(({ key, id, beginMs, endMs = Infinity, isGood }) => {
      const [number = ''] = key.split('/');
      const gone = runs.find((run) => run.hook === 'delete' && run.isGood && run.key.startsWith(`${number}/`));
      return { number, id, beginMs, endMs: isGood ? (gone?.endMs ?? Infinity) : endMs };
    })
    .sort((a, b) => a.beginMs - b.beginMs);
}

/** Holds what the hooks have noted against the options, at each moment at which something begins. */
function checkLimits(t: ExecutionContext, runs: readonly HookRun[]): void {
  const lives = livesOf(runs);
  const starts = runs.filter(({ hook }) => hook === 'new').sort((a, b) => a.beginMs - b.beginMs);
  for (const { beginMs, key, id } of starts) {
    const live = lives.filter((life) => life.beginMs <= beginMs && life.endMs > beginMs);
    t.true(live.length <= MAX, `${key}: ${String(live.length)} are there`);
    const starting = starts.filter((run) => run.beginMs <= beginMs && (run.endMs ?? Infinity) > beginMs);
    t.true(starting.length <= MAX_STARTING, `${key}: ${String(starting.length)} are being made`);
    t.false(
      live.some((life) => life.id === id && !key.startsWith(`${life.number}/`)),
      `${key} has an id of another one`,
    );
  }
  for (const { number } of lives) {
    const own = runs.filter(({ key }) => key.startsWith(`${number}/`)).sort((a, b) => a.beginMs - b.beginMs);
    const released = own.filter(({ hook, isGood }) => hook === 'release' && isGood).length;
    t.true(released <= REUSES + 1, `${number} was used ${String(released)} times`);
    const overlaps = own.some(({ beginMs }, i) => beginMs < (own[i - 1]?.endMs ?? 0));
    t.false(overlaps, `two commands of ${number} ran at the same time`);
  }
}

/**
 * Holds the ids against the rows: each the smallest that was free. A row has its id until the server knows that its end is stored,
 * which is when it logs that; how long a write takes depends on the disk.
 */
function checkIds(t: ExecutionContext, resources: readonly Resource[], log: string): void {
  const knownMs = new Map<number, number>();
  // The last line may have arrived in part.
  const lines = log.split('\n').slice(0, -1);
  for (const line of lines.filter((one) => one.includes('"state":"ENDED"'))) {
    const { number, time } = JSON.parse(line) as { number: number; time: string };
    knownMs.set(number, Date.parse(time));
  }
  const rows = resources.map(({ number, idInPool: id, createTime }) => {
    return { number, id, fromMs: createTime?.getTime() ?? 0, untilMs: (knownMs.get(number) ?? Infinity) + CLOCKS_MS };
  });
  for (const { number, id, fromMs } of rows) {
    for (let smaller = 0; smaller < id; smaller += 1) {
      const isTaken = rows.some((row) => row.id === smaller && row.fromMs <= fromMs && row.untilMs >= fromMs);
      t.true(isTaken, `${String(number)} has the id ${String(id)}, and ${String(smaller)} is free`);
    }
  }
}

test('the limits of a pool hold at every moment, whatever fails', async (t) => {
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)} BERTH_RUNS=${String(TICKETS)}`);
  t.timeout(240_000 + 5000 * TICKETS);
  const options = OPTIONS.map(([name, value]) => `  ${String(name)}: ${String(value)}`).join('\n');
  const lab = new PoolLab(t, { max: MAX, options, newTakes: 0.2, failing: 10 });
  const berthd = await startBerthd({ settings: { pool: { file: lab.file } } });
  t.teardown(() => berthd.stop());
  await using berth = connect({ address: berthd.address, user: 'ann', role: 'operator' });
  let left = TICKETS;
  const holders: { readonly resource: string; readonly sandbox: string }[] = [];
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const sandbox = random.pick(['', 's1', 's2']);
      const { ticket } = await berth.pools.createTicket({ tags: ['thing'], sandbox });
      const number = ticket?.number ?? 0;
      const ready = async () => {
        const found = (await berth.pools.getTicket({ number })).ticket;
        return found?.ready === true ? found : undefined;
      };
      const { resource } = await until(ready, { what: `ticket ${String(number)}`, timeoutMs: 120_000 });
      holders.push({ resource, sandbox });
      await berth.pools.closeTicket({ number });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await until(() => lab.processes().length === 0, { what: 'the last commands to end' });
  t.is(lab.faults, '');
  checkLimits(t, lab.runs);
  // From the row to the begin of the process takes a while, that differs: the rows tell when starts began.
  const { STARTING, UP, RELEASING, DELETING, DELETE_FAILED, ENDED } = ResourceState;
  const states = [STARTING, UP, RELEASING, DELETING, DELETE_FAILED, ENDED];
  const { resources } = await berth.pools.listResources({ states, pageSize: 1000 });
  checkIds(t, resources, berthd.log);
  const startsMs = resources.map(({ createTime }) => createTime?.getTime() ?? 0).sort((a, b) => a - b);
  t.true(startsMs.every((ms, at) => ms - (startsMs[at - 1] ?? 0) >= START_DELAY_MS));
  for (const { resource, sandbox } of holders) {
    const others = holders.filter((other) => other.resource === resource);
    t.true(others.length <= REUSES + 1);
    t.true(others.every((other) => other.sandbox === sandbox) && (others.length === 1 || sandbox !== ''), resource);
  }
});
