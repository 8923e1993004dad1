import { writeFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { ResourceState } from '@berth/proto/berth/pool/v1/pool';
import type { Resource } from '@berth/proto/berth/pool/v1/resource';
import { TicketState } from '@berth/proto/berth/pool/v1/ticket';
import type { Ticket } from '@berth/proto/berth/pool/v1/ticket';
import { startBerthd, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

interface Lab {
  readonly berth: Berth;
  /** Where hooks may keep things: `$D`. */
  readonly folder: string;
  readonly ticket: (tags: readonly string[], sandbox?: string) => Promise<number>;
  readonly ready: (number: number) => Promise<Ticket>;
  readonly close: (number: number) => Promise<void>;
  readonly resources: (state?: ResourceState) => Promise<readonly Resource[]>;
}

/** A berthd with these pools, as they stand in the file; each gets `$D` and short pauses. */
async function openLab(t: ExecutionContext, pools: Readonly<Record<string, readonly string[]>>): Promise<Lab> {
  t.timeout(180_000);
  const folder = tempFolder(t);
  const usual = [
    'max_prealloc: 0',
    `env: { pass: [PATH], set: { D: ${folder} } }`,
    'retry: { initial: 200ms, max: 400ms }',
  ];
  const texts = Object.entries(pools).map(([name, lines]) =>
    [
      `${name}:`,
      ...usual.filter((line) => !lines.some((own) => own.startsWith(line.split(':')[0] ?? ''))),
      ...lines,
    ].join('\n  '),
  );
  const file = join(folder, 'pools.yaml');
  writeFileSync(file, `${texts.join('\n')}\n`);
  const berthd = await startBerthd({ settings: { pool: { file } } });
  const berth = connect({ address: berthd.address, user: 'ann', role: 'operator' });
  t.teardown(async () => {
    berth.close();
    await berthd.stop();
  });
  const found = async (number: number) => (await berth.pools.getTicket({ number })).ticket;
  return {
    berth,
    folder,
    ticket: async (tags, sandbox = '') =>
      (await berth.pools.createTicket({ tags: [...tags], sandbox })).ticket?.number ?? 0,
    ready: async (number) => {
      const what = { what: `ticket ${String(number)} to be ready`, timeoutMs: 60_000 };
      return until(async () => ((await found(number))?.ready === true ? found(number) : undefined), what);
    },
    close: async (number) => {
      await berth.pools.closeTicket({ number });
    },
    resources: async (state) => {
      const { STARTING, UP, RELEASING, DELETING, DELETE_FAILED, ENDED } = ResourceState;
      const all = [STARTING, UP, RELEASING, DELETING, DELETE_FAILED, ENDED];
      return (await berth.pools.listResources({ states: state === undefined ? all : [state], pageSize: 1000 }))
        .resources;
    },
  };
}

test('a pool that always fails is tried at its pace, becomes degraded, and the next pool serves', async (t) => {
  const { berth, folder, ticket, ready } = await openLab(t, {
    bad: ['cmd_new: echo x >>$D/tries; exit 3', 'cmd_delete: "true"', 'tags: [{ name: vm, priority: 5 }]'],
    good: ['cmd_new: echo good', 'cmd_delete: "true"', 'tags: [vm]'],
  });
  const beganMs = performance.now();
  const { data, resource } = await ready(await ticket(['vm']));
  t.is(data.toString(), 'good\n');
  t.regex(resource, /^good_/);
  const bad = (await berth.pools.getPool({ name: 'bad' })).pool;
  t.true(bad?.degraded);
  t.is(bad?.lastError, 'ended with code 3');
  // Each further one is a probe, after a pause of 400 ms.
  const probes = Math.floor((performance.now() - beganMs) / 400);
  t.true(Number(bad?.failedStarts) >= 5);
  t.true(readFileSync(join(folder, 'tries'), 'utf8').trim().split('\n').length <= 5 + probes);
});

test('cmd_new that hangs, ignores SIGTERM and forks is ended with all it started, and what it printed is deleted', async (t) => {
  const { folder, ticket, resources } = await openLab(t, {
    slow: [
      'cmd_new: trap "" TERM; (trap "" TERM; echo $$ >$D/child; sleep 300) & echo half; sleep 300',
      // The file is there whole or not at all: the shell opens it before there is a word in it.
      'cmd_delete: printf "%s" "$BERTH_RESOURCE_DATA" >$D/being && mv $D/being $D/deleted',
      // On a busy machine it may not come to `echo` within its time: the next one that is made for the ticket does.
      'timeouts: { new: 3s }',
      'tags: [vm]',
      'max_starting: 1',
    ],
  });
  await ticket(['vm']);
  const deleted = () => Buffer.from(readFileSync(join(folder, 'deleted'), 'utf8'), 'base64').toString();
  await until(() => deleted() === 'half\n', { what: 'cmd_delete of what was made in part', timeoutMs: 60_000 });
  const ended = await until(async () => (await resources(ResourceState.ENDED))[0], { what: 'the end' });
  t.regex(ended.endReason, /^cmd_new .*it took more than 3000 ms/);
});

test('data that are no text come as they are, and none are none', async (t) => {
  const { ticket, ready } = await openLab(t, {
    bytes: [String.raw`cmd_new: printf '\377\001\n'`, 'cmd_delete: "true"', 'tags: [bytes]'],
    none: ['cmd_new: "true"', 'cmd_delete: "true"', 'tags: [none]'],
  });
  t.deepEqual([...(await ready(await ticket(['bytes']))).data], [255, 1, 10]);
  t.deepEqual([...(await ready(await ticket(['none']))).data], []);
});

test('what cannot be deleted is a leak here and in the tracker, fills max, and goes when it can be, or is forgotten', async (t) => {
  const { berth, folder, ticket, ready, close, resources } = await openLab(t, {
    leaky: [
      'cmd_new: "true"',
      'cmd_delete: "[ -e $D/works ]"',
      'tags: [vm]',
      'max: 2',
      // Two quick tries, then none for so long that only an operator can have it tried.
      'retry: { initial: 10ms, max: 1h, factor: 100 }',
    ],
  });
  const [one, other] = [await ticket(['vm']), await ticket(['vm'])];
  await ready(one);
  await ready(other);
  await close(one);
  await close(other);
  const leaks = await until(
    async () => {
      const found = (await berth.pools.listLeaks({})).resources;
      return found.length === 2 ? found : undefined;
    },
    { what: 'two leaks' },
  );
  t.true(leaks.every(({ state, failedDeletes }) => state === ResourceState.DELETE_FAILED && failedDeletes >= 3));
  const rules = async () => (await berth.allocations.listLeaks({})).leaks.map(({ rule }) => rule);
  await until(async () => (await rules()).length === 2, { what: 'the leaks of the tracker' });
  const third = await ticket(['vm']);
  t.is((await berth.pools.getPool({ name: 'leaky' })).pool?.leaks, 2);
  t.false((await berth.pools.getTicket({ number: third })).ticket?.ready, 'there is no room');
  await t.throwsAsync(berth.pools.forgetResource({ number: leaks[0]?.number ?? 0 }), { message: /reason/ });
  await berth.pools.forgetResource({ number: leaks[0]?.number ?? 0, reason: 'I looked' });
  await ready(third);
  writeFileSync(join(folder, 'works'), '');
  await berth.pools.retryDelete({ number: leaks[1]?.number ?? 0 });
  await until(async () => (await resources(ResourceState.DELETE_FAILED)).length === 0, { what: 'the leak to be gone' });
  await until(async () => (await rules()).length === 0, { what: 'no leaks in the tracker' });
  const forgotten = (await resources(ResourceState.ENDED)).find((one) => one.forgotten);
  t.is(forgotten?.endReason, 'I looked');
});

test('a resource whose cmd_release fails is never lent again; one that is released goes to its sandbox alone', async (t) => {
  const { folder, ticket, ready, close } = await openLab(t, {
    reused: [
      'cmd_new: echo "$BERTH_NAME"',
      'cmd_delete: "true"',
      'cmd_release: "[ ! -e $D/broken ] || { echo no >&2; exit 1; }"',
      'reuse_opportunity_time: 60',
      'tags: [vm]',
      'max: 2',
    ],
  });
  const first = await ready(await ticket(['vm'], 's1'));
  await close(first.number);
  const again = await ready(await ticket(['vm'], 's1'));
  t.is(again.resource, first.resource);
  const other = await ready(await ticket(['vm'], 's2'));
  t.not(other.resource, first.resource);
  writeFileSync(join(folder, 'broken'), '');
  await close(again.number);
  const last = await ready(await ticket(['vm'], 's1'));
  t.not(last.resource, first.resource);
});

test('a livecheck that fails too often ends the lease with its reason; the ticket is FAILED', async (t) => {
  const { berth, folder, ticket, ready } = await openLab(t, {
    checked: [
      'cmd_new: "true"',
      'cmd_delete: "true"',
      'cmd_livecheck: "[ ! -e $D/dead ] || { echo it is dead >&2; exit 1; }"',
      'livecheck_period: 1',
      'livecheck_attempts: 2',
      'tags: [vm]',
    ],
  });
  const { number } = await ready(await ticket(['vm']));
  writeFileSync(join(folder, 'dead'), '');
  const failed = await until(
    async () => {
      const found = (await berth.pools.getTicket({ number })).ticket;
      return found?.state === TicketState.FAILED ? found : undefined;
    },
    { what: 'the ticket to fail' },
  );
  t.regex(failed.failure, /cmd_livecheck failed 2 times, the last time: ended with code 1: it is dead/);
});

test('a waiter is always there, and nobody gets a resource before it was released', async (t) => {
  const rounds = Number(process.env['BERTH_RUNS'] ?? 30);
  const { folder, ticket, ready, close } = await openLab(t, {
    cleaned: [
      'cmd_new: echo "$BERTH_NAME"',
      'cmd_delete: "true"',
      'cmd_release: rm $D/dirty',
      'reuse_opportunity_time: 600',
      'tags: [vm]',
      'max: 1',
    ],
  });
  t.timeout(180_000 + rounds * 1000);
  let next = await ticket(['vm'], 's');
  const names = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const mine = await ready(next);
    names.add(mine.resource);
    t.false(existsSync(join(folder, 'dirty')), 'it was released since');
    writeFileSync(join(folder, 'dirty'), '');
    next = await ticket(['vm'], 's');
    await close(mine.number);
  }
  t.is(names.size, 1);
});

test('an operator deletes resources by number, the unused, or all, also one that is being made', async (t) => {
  const { berth, ticket, ready, resources } = await openLab(t, {
    ahead: ['cmd_new: "true"', 'cmd_delete: "true"', 'tags: [vm]', 'max: 3', 'max_prealloc: 2', 'max_starting: 3'],
    slow: ['cmd_new: sleep 300', 'cmd_delete: "true"', 'tags: [slow]'],
  });
  for (const bad of [{}, { all: true, unused: true }, { numbers: [0] }, { numbers: [-1] }]) {
    await t.throwsAsync(berth.pools.deleteResources(bad), { message: /numbers/ });
  }
  const isFirstThere = async () => (await resources()).some(({ number }) => number === 1);
  await until(isFirstThere, { what: 'the first resource' });
  await t.throwsAsync(berth.pools.deleteResources({ numbers: [1, 99] }), { message: /no resource 99/ });
  const mine = await ready(await ticket(['vm']));
  await ticket(['slow']);
  const isUsual = async () => {
    const [up, starting] = [await resources(ResourceState.UP), await resources(ResourceState.STARTING)];
    // Its row comes to know that one is leased a moment after the ticket does.
    const leased = up.filter(({ leaseId }) => leaseId !== '').length;
    return up.length === 3 && leased === 1 && starting.length === 1 && starting[0]?.running === 'new'
      ? [...up, ...starting]
      : undefined;
  };
  const before = await until(isUsual, { what: 'three resources and one that is being made' });
  const { numbers: unused } = await berth.pools.deleteResources({ unused: true, requestId: 'u' });
  t.is(unused.length, 2);
  t.deepEqual((await berth.pools.deleteResources({ unused: true, requestId: 'u' })).numbers, unused, 'a repeat');
  t.true((await berth.pools.getTicket({ number: mine.number })).ticket?.ready);
  const { numbers } = await berth.pools.deleteResources({ all: true, reason: 'the host moves' });
  const areGone = async () => {
    const ended = await resources(ResourceState.ENDED);
    return before.every(({ number }) => ended.some((one) => one.number === number));
  };
  await until(areGone, { what: 'all to be gone' });
  t.true(before.every(({ number }) => [...unused, ...numbers].includes(number)));
  const failure = async () => (await berth.pools.getTicket({ number: mine.number })).ticket?.failure;
  t.regex(await until(failure, { what: 'the ticket to fail' }), /the host moves/);
});
