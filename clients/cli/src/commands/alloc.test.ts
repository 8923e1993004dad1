import { type Berthd, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth, startBerth } from '../berth-process.fixture.js';

let berthd: Berthd;
test.before(async () => {
  const collect = {
    graceMs: 0,
    maxPercent: 100,
    kinds: { vm: { delete: 'test "$BERTH_ALLOCATION_OWNER" != keeper', notify: 'true' } },
  };
  berthd = await startBerthd({ settings: { tracker: { sweepMs: 200, collect } } });
});
test.after.always(async () => {
  await berthd.stop();
});

async function run(t: ExecutionContext, ...args: string[]) {
  return berth(t, { address: berthd.address, user: 'ci' }, ...args);
}

async function ok(t: ExecutionContext, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(t, ...args);
  t.is(code, 0, `berth ${args.join(' ')}: ${stderr}`);
  return stdout;
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly flags: string[];
  readonly failureReason?: string;
  readonly deleteFailure?: string;
  readonly deadline: string;
  readonly history: { readonly state: string; readonly reason?: string }[];
}

async function show(t: ExecutionContext, id: string): Promise<Shown> {
  return JSON.parse(await ok(t, 'alloc', 'show', id, '-o', 'json')) as Shown;
}

/** The one allocation of a kind. */
async function only(t: ExecutionContext, kind: string): Promise<Shown> {
  const [first, ...others] = JSON.parse(await ok(t, 'alloc', 'ls', '--kind', kind, '-o', 'json')) as Shown[];
  t.is(others.length, 0);
  return first ?? t.fail(`there is no ${kind}`);
}

test('an intent is confirmed, extended, released; each step is in its history', async (t) => {
  const id = (await ok(t, 'alloc', 'intent', '-q', '--kind', 'disk', '--owner', 'ann', '--timeout', '10m')).trim();
  t.regex(await ok(t, 'alloc', 'ls', '--kind', 'disk'), new RegExp(`${id} +disk +ann +intent .*in (10|9)m`));
  t.regex(await ok(t, 'alloc', 'done', id, '--external-id', 'sd-1', '--end', '1h'), /disk of ann\) is allocated/);
  t.regex(await ok(t, 'alloc', 'extend', id, '3h'), /in (3h|2h 59m)/);
  t.regex(await ok(t, 'alloc', 'show', id), /name at the provider +sd-1/);
  const released = ['alloc', 'release', '--owner', 'ann', '--kind', 'disk', '--external-id', 'sd-1'];
  t.regex(await ok(t, ...released), /is released/);
  const { state, history } = await show(t, id);
  t.is(state, 'RELEASED');
  t.deepEqual(
    history.map((change) => change.state),
    ['INTENT', 'ALLOCATED', 'RELEASED'],
  );
  const illegal = await run(t, 'alloc', 'fail', id, '--reason', 'too late');
  t.is(illegal.code, 1);
  t.regex(illegal.stderr, /is RELEASED and cannot fail.*\[ILLEGAL_TRANSITION\]/);
  t.is(illegal.stderr.split('and cannot fail').length, 2, 'told once');
  t.regex((await run(t, 'alloc', 'show', 'al-none')).stderr, /\[NO_SUCH_ALLOCATION\]/);
});

test('what could not be deleted is listed with the reason until it is released', async (t) => {
  const id = (await ok(t, 'alloc', 'intent', '-q', '--kind', 'stuck')).trim();
  await ok(t, 'alloc', 'done', id);
  const told = await ok(t, 'alloc', 'fail-release', id, '--reason', 'exit code 3');
  t.regex(told, /is allocated, delete failed/);
  t.like(await show(t, id), { state: 'ALLOCATED', flags: ['DELETE_FAILED'], deleteFailure: 'exit code 3' });
  t.regex(await ok(t, 'alloc', 'show', id), /could not be deleted +exit code 3/);
  const listed = () => ok(t, 'leaks', '--kind', 'stuck');
  const leaks = await until(async () => /L7-.*/.exec(await listed())?.[0], { what: 'the leak' });
  t.regex(leaks, new RegExp(`^L7-${id} +L7 +stuck +.*it could not be deleted: exit code 3`));
  await ok(t, 'alloc', 'release', id);
  await until(async () => (await ok(t, 'leaks', '-q', '--kind', 'stuck')) === '', { what: 'no leak any more' });
  const illegal = await run(t, 'alloc', 'fail-release', id, '--reason', 'too late');
  t.is(illegal.code, 1);
  t.regex(illegal.stderr, /is RELEASED and cannot fail to be released.*\[ILLEGAL_TRANSITION\]/);
});

test('of several that are released each is told, also when one of them cannot be', async (t) => {
  const ids: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    const id = (await ok(t, 'alloc', 'intent', '-q', '--kind', 'several')).trim();
    await ok(t, 'alloc', 'done', id);
    ids.push(id);
  }
  const [first = '', last = ''] = ids;
  const { code, stdout, stderr } = await run(t, 'alloc', 'release', first, 'al-none', last, '-o', 'json');
  t.is(code, 1);
  t.regex(stderr, /no allocation 'al-none'.*\[NO_SUCH_ALLOCATION\]/);
  t.deepEqual(
    (JSON.parse(stdout) as Shown[]).map(({ id, state }) => [id, state]),
    [
      [first, 'RELEASED'],
      [last, 'RELEASED'],
    ],
  );
});

test('alloc run records how its command ended, and ends like it', async (t) => {
  const made = await run(t, 'alloc', 'run', '--kind', 'made', '--', 'sh', '-c', 'echo "made $BERTH_ALLOCATION_ID"');
  t.is(made.code, 0);
  const { id, state } = await only(t, 'made');
  t.is(state, 'ALLOCATED');
  t.is(made.stdout, `made ${id}\n`);
  t.is((await run(t, 'alloc', 'run', '--kind', 'failing', '--', 'sh', '-c', 'exit 3')).code, 3);
  t.like(await only(t, 'failing'), { state: 'FAILED', failureReason: 'exit code 3' });
  t.is((await run(t, 'alloc', 'run', '--kind', 'killed', '--', 'sh', '-c', 'kill -9 $$')).code, 137);
  t.like(await only(t, 'killed'), { state: 'FAILED', failureReason: 'killed by SIGKILL' });
  // Node itself takes this death for exit code 0.
  t.is((await run(t, 'alloc', 'run', '--kind', 'unnamed', '--', 'sh', '-c', 'kill -34 $$')).code, 162);
  t.like(await only(t, 'unnamed'), { state: 'FAILED', failureReason: 'exit code 162' });
  t.is((await run(t, 'alloc', 'run', '--kind', 'none', '--', 'no-such-command')).code, 64);
  t.is(await ok(t, 'alloc', 'ls', '--kind', 'none', '-q'), '');
});

test('a signal to alloc run reaches its command, and the outcome is recorded all the same', async (t) => {
  const script = 'trap "exit 4" TERM; echo ready >&2; while :; do sleep 0.05; done';
  const args = ['alloc', 'run', '--kind', 'stopped', '--', 'sh', '-c', script];
  const running = startBerth(t, { address: berthd.address }, args);
  await running.says(/ready/);
  running.child.kill('SIGTERM');
  t.is(await running.exited, 4);
  t.like(await only(t, 'stopped'), { state: 'FAILED', failureReason: 'exit code 4' });
});

test('killed itself, alloc run leaves an intent, which is a leak; a late confirmation is accepted and flagged', async (t) => {
  const args = ['alloc', 'run', '--timeout', '2s', '--', 'sh', '-c', 'kill -9 $PPID'];
  t.is((await run(t, ...args)).code, 137);
  const { id, state, deadline } = await only(t, 'resource');
  t.is(state, 'INTENT');
  const listed = await until(async () => ok(t, 'leaks', '--kind', 'resource'), { what: 'the leak', timeoutMs: 15_000 });
  t.regex(listed, new RegExp(`L1-${id} +L1 +resource +ci .*outcome was expected by`));
  const [leak] = JSON.parse(await ok(t, 'leaks', '--kind', 'resource', '-o', 'json')) as { firstSeen: string }[];
  t.true((leak?.firstSeen ?? '') > deadline, 'not before its deadline');
  t.regex(await ok(t, 'leaks', 'ack', `L1-${id}`, '--until', '2d', '--why', 'ann looks'), /is acknowledged until/);
  t.is(await ok(t, 'leaks', '-q', '--kind', 'resource'), '');
  t.regex(await ok(t, 'leaks', '--all', '--kind', 'resource'), /ci until .*: ann looks/);
  t.regex(await ok(t, 'alloc', 'done', id), /is allocated, late/);
  t.like(await show(t, id), { state: 'ALLOCATED', flags: ['LATE'] });
  await until(async () => (await ok(t, 'leaks', '-q', '--all', '--kind', 'resource')) === '', {
    what: 'no leak any more',
  });
});

test('collection marks, notifies and deletes step by step, and nothing but what its plan lists', async (t) => {
  const ids: string[] = [];
  for (const owner of ['ann', 'keeper', 'guarded']) {
    const intent = ['alloc', 'intent', '-q', '--kind', 'vm', '--owner', owner, '--role', 'operator'];
    const id = (await ok(t, ...intent)).trim();
    await ok(t, 'alloc', 'done', id, '--external-id', `i-${owner}`, '--end', '1s');
    ids.push(id);
  }
  const [gone = '', kept = '', guarded = ''] = ids;
  await ok(t, 'alloc', 'protect', guarded, '--reason', 'evidence');
  await until(async () => (await ok(t, 'leaks', '-q', '--kind', 'vm')).split('\n').length === 4, {
    what: 'three leaks',
  });
  for (const action of ['mark', 'notify', 'delete']) {
    const planned = await run(t, 'collect', '--plan', '--kind', 'vm');
    t.is(planned.code, 0, planned.stderr);
    t.regex(planned.stdout, new RegExp(`${action} +${gone} +L3 +vm +ann +i-ann`));
    t.notRegex(planned.stdout, new RegExp(guarded));
    t.regex(planned.stderr, /1 PROTECTED/);
    const plan = /--apply (\S+)/.exec(planned.stderr)?.[1] ?? '';
    const applied = await run(t, 'collect', '--apply', plan);
    t.regex(applied.stdout, new RegExp(`${action} +${gone} +DONE`));
    t.is(applied.code, action === 'delete' ? 1 : 0, 'one deletion fails');
  }
  t.is((await show(t, gone)).state, 'RELEASED');
  t.like(await show(t, kept), { state: 'ALLOCATED', flags: ['DELETE_FAILED'] });
  t.is((await show(t, guarded)).state, 'ALLOCATED');
  t.regex((await run(t, 'collect', '--apply', 'pl-none')).stderr, /\[NO_SUCH_PLAN\]/);
});

test('wrong input is told before the server is asked, with what may be written', async (t) => {
  for (const [args, told] of [
    [['alloc', 'ls', '--state', 'gone'], /"gone" is none of intent, allocated, released, failed/],
    [['leaks', '--rule', 'L9'], /"L9" is none of L1/],
    [['usage', '--by', 'colour'], /"colour" is none of kind, owner, bench/],
    [['alloc', 'release'], /give ids, or --owner, --kind and --external-id/],
    [['alloc', 'release', 'al-1', '--owner', 'ann'], /both ids and attributes/],
    [['collect', '--apply', 'cp-1', '--kind', 'vm'], /'--apply <plan>' cannot be used with option '--kind <kinds>'/],
    [['alloc', 'run', '--kind', 'x'], /put it after --/],
  ] as const) {
    const { code, stderr } = await run(t, ...args);
    t.is(code, 64, args.join(' '));
    t.regex(stderr, told);
  }
});
