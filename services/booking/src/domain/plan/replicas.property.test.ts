import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { checkSeeded } from '@berth/testkit/seeded';
import { dumpRoot } from '../../../simulation/dump-root.js';
import { OPERATOR, wishesOf } from '../../../simulation/root-command.js';
import type { Mishap } from '../../../simulation/simulated-replicas.js';
import { SimulatedReplicas } from '../../../simulation/simulated-replicas.js';
import { UNIT } from '../model/cluster.js';
import type { Answer, Command } from '../model/commands.js';

const START_MS = Date.UTC(2030, 0, 1);
const HOUR_MS = 3_600_000;
const CORES = 5;

const booking = fc.record({
  kind: fc.constant('book' as const),
  from: fc.integer({ min: 1, max: 12 }),
  length: fc.integer({ min: 1, max: 6 }),
  cores: fc.integer({ min: 1, max: 3 }),
  waits: fc.boolean(),
  holds: fc.boolean(),
});
const change = fc.record({
  kind: fc.constantFrom('cancel' as const, 'confirm' as const, 'repeat' as const),
  which: fc.nat(99),
});

const call = fc.record({
  replica: fc.nat(2),
  passMs: fc.constantFrom(0, 1, 1000, HOUR_MS),
  asks: fc.array(fc.oneof(booking, change), { minLength: 1, maxLength: 3 }),
  mishap: fc.constantFrom<Mishap>('none', 'none', 'none', 'died before', 'died after', 'answer lost'),
});

type Ask = typeof booking extends fc.Arbitrary<infer A> ? A : never;
type Change = typeof change extends fc.Arbitrary<infer A> ? A : never;

/** Commands as callers give them, under ids of their own, so that they can be repeated. */
class Callers {
  readonly given: Command[] = [];
  readonly answers = new Map<string, Answer>();
  #ids = 0;

  command(ask: Ask | Change, now: number): Command | undefined {
    const id = String((this.#ids += 1)).padStart(4, '0');
    const asked = { by: OPERATOR, key: { id: `rq-${id}`, fingerprint: 'f' } };
    if (ask.kind === 'book') {
      const startMs = now + ask.from * HOUR_MS;
      const spans = [{ startMs, endMs: startMs + ask.length * HOUR_MS, amounts: { cores: ask.cores } }];
      const wishes = wishesOf('olga', { whenFull: ask.waits ? 'WAIT' : 'REFUSE' });
      const command = {
        kind: 'createBooking',
        ...asked,
        id: `bk-${id}`,
        wishes,
        spans,
        ...(ask.holds && { holdMs: HOUR_MS }),
      } as const;
      this.given.push(command);
      return command;
    }
    const before = this.given[ask.which % this.given.length];
    if (before === undefined || ask.kind === 'repeat') return before;
    const target = before.kind === 'createBooking' ? before.id : 'bk-none';
    const command: Command =
      ask.kind === 'cancel'
        ? { kind: 'cancelBooking', ...asked, id: target, scope: 'ONE', why: '' }
        : { kind: 'confirmHold', ...asked, id: target };
    this.given.push(command);
    return command;
  }

  /** A repeat has the answer of the first time, and what was acknowledged stays. */
  learn(commands: readonly Command[], answers: readonly Answer[]): void {
    for (const [at, { key }] of commands.entries()) {
      const answer = answers[at];
      if (answer === undefined || 'refused' in answer) continue;
      const before = this.answers.get(key.id);
      if (before !== undefined && 'done' in before) assert.deepEqual(answer.done, before.done);
      this.answers.set(key.id, answer);
    }
  }
}

test('replicas that race, die and lose answers have one ledger: all acknowledged is there, once, and never too much', (t) => {
  checkSeeded(
    t,
    300,
    fc.property(fc.array(call, { minLength: 1, maxLength: 25 }), (calls) => {
      const run = new SimulatedReplicas('default', [0, -1500, 2500]);
      const callers = new Callers();
      let now = START_MS;
      const grant = {
        cluster: 'default',
        kind: 'CAPACITY',
        startMs: 0,
        endMs: START_MS * 2,
        amounts: { cores: CORES },
      } as const;
      const key = { id: '', fingerprint: '' };
      run.give(
        0,
        [{ kind: 'createGrant', by: OPERATOR, key, id: 'gr-1', grant: { ...grant, description: '', labels: {} } }],
        now,
        'none',
      );
      for (const { replica, passMs, asks, mishap } of calls) {
        now += passMs;
        const commands = asks.map((ask) => callers.command(ask, now)).filter((command) => command !== undefined);
        const answers = run.give(replica, commands, now, mishap);
        if (answers !== undefined) callers.learn(commands, answers);
      }
      const [first, ...others] = run.replicas.map((_, at) => run.read(at));
      assert.ok(first !== undefined);
      for (const other of others) assert.equal(dumpRoot(other), dumpRoot(first));
      assert.ok(first.timeline('default').worst('cores', START_MS, START_MS * 2) >= 0, 'too much was booked');
      assert.ok(first.timeline('default').best('cores', START_MS, START_MS * 2) <= CORES * UNIT);
      for (const command of callers.given) {
        const answer = callers.answers.get(command.key.id);
        if (answer === undefined || !('done' in answer)) continue;
        for (const id of answer.done.bookings) assert.ok(first.bookings.has(id), `${id} was acknowledged`);
      }
      const instants = run.ledger.map((text) => (JSON.parse(text) as { readonly atMs: number }).atMs);
      assert.deepEqual(
        instants,
        [...instants].sort((a, b) => a - b),
      );
    }),
  );
});
