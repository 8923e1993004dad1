import { BerthError } from '@berth/kernel';
import type { EventLogStore } from '@berth/storage';
import { openSqliteEventLogStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { planCreateBench } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import { Labs } from './labs.js';
import type { OpenLab } from './open-lab.js';

const IDLE_MS = 600_000;

interface Setup {
  readonly labs: Labs;
  readonly clock: FakeClock;
  /** The labs that were opened, in order. */
  readonly opened: string[];
}

async function start(t: ExecutionContext): Promise<Setup> {
  const clock = fakeClock();
  const store: EventLogStore = await openSqliteEventLogStore({ dir: ':memory:', clock });
  const opened: string[] = [];
  const labs = new Labs({
    open: async (name) => {
      opened.push(name);
      return (await openTestLab({ name, store, clock })).lab;
    },
    exists: (name) => store.has(name),
    names: () => store.labs(),
    clock,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    lasting: 'default',
  });
  t.teardown(async () => {
    await labs.close();
    await store.close();
  });
  return { labs, clock, opened };
}

async function addBench(lab: OpenLab): Promise<void> {
  const plan = (draft: Parameters<typeof planCreateBench>[0]) => planCreateBench(draft, bench('b1', 'a'), 'inventory');
  await lab.run({ requestId: '', fingerprint: '', plan });
}

/** The lab is open no longer, or not: the next call tells. */
async function opensAgain({ labs, opened }: Setup, name: string): Promise<boolean> {
  const before = opened.length;
  await labs.get(name);
  return opened.length > before;
}

test('a lab that was never written to is not opened by asking for it; the default lab is always there', async (t) => {
  const { labs, opened } = await start(t);
  const error = await t.throwsAsync(labs.get('defalt'), { instanceOf: BerthError });
  t.is(error.reason, 'NO_SUCH_LAB');
  t.regex(error.message, /there is no lab 'defalt'; did you mean 'default'\?/);
  t.deepEqual(opened, []);
  await labs.get('default');
  await addBench(await labs.get('east', true));
  await labs.get('east');
  t.deepEqual(opened, ['default', 'east']);
  await t.throwsAsync(labs.get('eas'), { message: /did you mean 'east'/ });
});

test('a lab that nobody uses is closed, and opened again with what it had when it is asked for', async (t) => {
  const setup = await start(t);
  const { labs, clock } = setup;
  await labs.get('default');
  await addBench(await labs.get('east', true));
  clock.advance(IDLE_MS - 1);
  t.false(await opensAgain(setup, 'east'), 'it was asked for a moment ago');
  clock.advance(IDLE_MS * 1.2);
  const [one, two] = await Promise.all([labs.get('east'), labs.get('east')]);
  t.is(one, two, 'while it is being closed both wait for the same new one');
  t.deepEqual(setup.opened, ['default', 'east', 'east']);
  t.deepEqual([...one.state.benches.keys()], ['b1']);
  t.false(await opensAgain(setup, 'default'), 'the default lab stays open');
});

test('a lab in which a request waits, a lease is held or a watcher reads stays open', async (t) => {
  const setup = await start(t);
  const { labs, clock } = setup;
  const lab = await labs.get('east', true);
  await addBench(lab);
  const holder = new TestStream();
  const holding = lab.acquire(request('r1', 'a'), holder, holder);
  await until(() => holder.lease !== undefined, { what: 'the grant' });
  const stays = async (): Promise<boolean> => {
    clock.advance(2 * IDLE_MS);
    return !(await opensAgain(setup, 'east'));
  };
  t.true(await stays());
  const reader = lab.changes.read(lab.state.revision, () => undefined);
  holder.hangUp();
  await holding;
  await until(() => lab.state.leases.size === 0 && lab.state.requests.size === 0, { what: 'the end' });
  t.true(await stays());
  reader.close();
  await until(() => lab.idle, { what: 'all that was planned to be done' });
  t.false(await stays());
});

test('a lab that could not be opened leaves nothing running, and is tried again', async (t) => {
  const clock = fakeClock();
  let timers = 0;
  const counting = {
    ...clock,
    after: (ms: number, fire: () => void) => {
      timers++;
      let over = false;
      const end = (): void => {
        if (!over) timers--;
        over = true;
      };
      const timer = clock.after(ms, () => {
        end();
        fire();
      });
      return {
        cancel: () => {
          end();
          timer.cancel();
        },
      };
    },
  };
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock });
  const failing = openTestLab({ store, clock: counting, seed: () => Promise.reject(new Error('no inventory')) });
  await t.throwsAsync(failing, { message: 'no inventory' });
  await until(() => timers === 0, { what: 'every timer to be cancelled' });
  clock.advance(120_000);
  t.is(timers, 0);
  const { lab, close } = await openTestLab({ store, clock });
  t.is(lab.state.benches.size, 0);
  await close();
  await store.close();
});
