import { isDeepStrictEqual } from 'node:util';
import { fakeClock, until } from '@berth/testkit';
import { openSqliteEventLogStore } from '@berth/storage';
import { steadyClock } from '@berth/kernel';
import test from 'ava';
import { planRevoke, planTransfer } from '../domain/index.js';
import type { HistorySink, LeaseFact, RefusedFact } from '../ports/history-sink.js';
import { msgpackCodec } from '../store/msgpack-codec.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import type { OpenLab } from './open-lab.js';

const OPERATOR = { actor: { name: 'op', kind: 'caller' }, operator: true } as const;

/** Keeps what it is told but what is of `bad`; refuses all as long as `away`. */
class TestSink implements HistorySink {
  readonly facts: LeaseFact[] = [];
  bad = '';
  refused = 0;
  away = false;

  record(_lab: string, facts: readonly LeaseFact[]): Promise<readonly RefusedFact[]> {
    if (this.away) {
      this.refused += 1;
      return Promise.reject(new Error('the tracker is away'));
    }
    const refused = facts.filter((fact) => fact.kind === 'began' && fact.owner === this.bad);
    if (refused.length > 0) this.refused += 1;
    // What is told again changes nothing.
    this.facts.push(...facts.filter((fact) => !refused.includes(fact) && !this.#has(fact)));
    return Promise.resolve(refused.map((fact) => ({ fact, why: 'INTERNAL' })));
  }

  #has(fact: LeaseFact): boolean {
    return this.facts.some((known) => isDeepStrictEqual(known, fact));
  }

  get told(): string[] {
    return this.facts.map((fact) => (fact.kind === 'began' ? `began ${fact.owner}` : `over ${fact.reason}`));
  }
}

async function hold(lab: OpenLab, id: string, attribute = 'a') {
  const stream = new TestStream();
  const spec = { hold: 'MANUAL', description: `test of ${id}`, labels: { job: id } } as const;
  await lab.acquire(request(id, attribute, spec), stream, stream);
  return stream.lease?.id ?? '';
}

function revoke(lab: OpenLab, leaseId: string) {
  return lab.run({ requestId: '', fingerprint: '', plan: (draft) => planRevoke(draft, leaseId, OPERATOR, 'enough') });
}

test('grants, transfers and ends are told in order, with who, what, why and the token', async (t) => {
  const sink = new TestSink();
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')], sink });
  const leaseId = await hold(lab, 'ann');
  const token = lab.state.leases.get(leaseId)?.token;
  const transfer = { leaseId, newOwner: 'bob', hold: 'MANUAL', message: 'shift' } as const;
  const next = await lab.run({
    requestId: '',
    fingerprint: '',
    plan: (draft) => planTransfer(draft, OPERATOR, transfer),
  });
  await revoke(lab, next);
  await until(() => sink.facts.length === 4, { what: 'all to be told' });
  t.deepEqual(sink.told, ['began ann', 'over TRANSFERRED', 'began bob', 'over REVOKED']);
  t.like(sink.facts[0], { leaseId, token, benches: ['b1'], description: 'test of ann', labels: { job: 'ann' } });
  t.like(sink.facts[2], { leaseId: next, benches: ['b1'], description: 'test of ann', labels: { job: 'ann' } });
  t.like(sink.facts[3], { leaseId: next, actor: 'op', message: 'enough' });
  await close();
});

test('while nobody takes it, leases go on, nothing is trimmed that was not told, and all is told afterwards', async (t) => {
  const sink = new TestSink();
  sink.away = true;
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock: steadyClock() });
  const settings = { snapshotEveryEntries: 100, logKeepMs: 0 };
  const first = await openTestLab({ store, settings, benches: [bench('b1', 'a')], sink });
  for (let i = 0; i < 200; i += 1) await revoke(first.lab, await hold(first.lab, `r${String(i)}`));
  await until(() => sink.refused > 0, { what: 'a refusal' });
  await first.close();
  sink.away = false;
  const second = await openTestLab({ store, settings, sink });
  await until(() => sink.facts.length >= 400, { what: 'all to be told' });
  t.deepEqual(sink.told, Array.from({ length: 200 }, (_, i) => [`began r${String(i)}`, 'over REVOKED']).flat());
  const log = await store.open('default');
  await until(async () => (await log.bookmark('history')) === second.lab.state.revision, { what: 'the bookmark' });
  await second.close();
  const third = await openTestLab({ store, settings, sink });
  await revoke(third.lab, await hold(third.lab, 'later'));
  await until(() => sink.facts.length > 400, { what: 'what is new' });
  t.deepEqual(sink.told.slice(400, 401), ['began later']);
  await third.close();
  await store.close();
});

test('a history that begins when the log is trimmed already begins with the leases that are held', async (t) => {
  const store = await openSqliteEventLogStore({ dir: ':memory:', clock: steadyClock() });
  const before = await openTestLab({ store, benches: [bench('b1', 'a'), bench('b2', 'b')] });
  await hold(before.lab, 'ann');
  await before.close();
  const log = await store.open('default');
  const { state } = before.lab;
  await log.saveSnapshot({ revision: state.revision, data: msgpackCodec.encodeState(state) });
  await log.trim(state.revision);
  t.is(await log.read(0), 'trimmed');
  const sink = new TestSink();
  const { lab, close } = await openTestLab({ store, sink });
  await until(() => sink.facts.length === 1, { what: 'the held lease' });
  await hold(lab, 'bob', 'b');
  await until(() => sink.facts.length === 2, { what: 'the new lease' });
  t.deepEqual(sink.told, ['began ann', 'began bob']);
  const [held] = lab.state.leases.values();
  t.like(sink.facts[0], { leaseId: held?.id, token: held?.token, atMs: held?.grantedMs, labels: { job: 'ann' } });
  await close();
  const without = await openTestLab({ store });
  t.is(await log.bookmark('history'), undefined, 'a lab without history holds nothing back from trimming');
  await without.close();
  await store.close();
});

interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A logger, and its lines of a kind. */
function keptLog() {
  const lines: Line[] = [];
  const keep = (context: object, message: string): void => void lines.push({ ...context, message });
  return {
    logger: { info: keep, warn: keep, error: keep },
    of: (part: string): Line[] => lines.filter(({ message }) => message.includes(part)),
  };
}

test('a fact that is refused ten times is set aside and logged whole, and those behind it are told', async (t) => {
  const clock = fakeClock();
  const sink = new TestSink();
  sink.bad = 'bad';
  const { logger, of } = keptLog();
  const { lab, close } = await openTestLab({ clock, benches: [bench('b1', 'a')], sink, logger });
  for (const owner of ['ann', 'bad', 'bob']) await revoke(lab, await hold(lab, owner));
  await until(
    () => {
      clock.advance(30_000);
      return of('set aside').length > 0;
    },
    { what: 'it to be set aside' },
  );
  t.is(sink.refused, 10);
  t.deepEqual(sink.told, ['began ann', 'over REVOKED', 'over REVOKED', 'began bob', 'over REVOKED']);
  const [line, ...more] = of('set aside');
  t.deepEqual(more, []);
  t.like(line, { lab: 'default', reason: 'INTERNAL', setAside: 1 });
  t.like(line?.['fact'], { kind: 'began', owner: 'bad', benches: ['b1'], description: 'test of bad' });
  await hold(lab, 'later');
  await until(
    () => {
      clock.advance(30_000);
      return sink.told.at(-1) === 'began later';
    },
    { what: 'what comes later' },
  );
  t.is(sink.refused, 10);
  await close();
});

test('the log keeps no more than its bound for a history that is not taken; the oldest is given up and counted', async (t) => {
  const clock = fakeClock();
  const sink = new TestSink();
  sink.away = true;
  const { logger, of } = keptLog();
  const bytes = 100_000;
  const settings = { historyBounds: { bytes, ageMs: 604_800_000 } };
  const opened = await openTestLab({ clock, settings, benches: [bench('b1', 'a')], sink, logger });
  const { lab, store, close } = opened;
  const log = await store.open('default');
  const size = async (): Promise<number> => {
    const entries = await log.read((await log.bookmark('history')) ?? 0, 10_000);
    if (entries === 'trimmed') return Infinity;
    return entries.reduce((sum, { events }) => sum + events.reduce((of, event) => of + event.length, 64), 0);
  };
  let leases = 0;
  const grow = async (): Promise<void> => {
    for (const end = leases + 100; leases < end; leases += 1) await revoke(lab, await hold(lab, `r${String(leases)}`));
    const before = sink.refused;
    await until(
      () => {
        clock.advance(30_000);
        return sink.refused > before + 1;
      },
      { what: 'two tries' },
    );
  };
  while (of('given up, to bound').length < 2) {
    await grow();
    // One try may have come before the last look.
    t.true((await size()) < bytes + 60_000, `${String(leases)} leases`);
  }
  const warnings = of('beyond its bounds').map((line) => Number(line['bytes']));
  t.true((warnings[0] ?? 0) >= bytes / 2, 'warned of from half of it');
  t.true((warnings[0] ?? bytes) < bytes, 'before something is given up');
  const lost = of('given up, to bound');
  const givenUp = lost.reduce((sum, line) => sum + Number(line['facts']), 0);
  t.is(lost.at(-1)?.['givenUp'], givenUp);
  sink.away = false;
  await until(
    () => {
      clock.advance(30_000);
      return sink.facts.length >= 2 * leases - givenUp;
    },
    { what: 'the rest to be told' },
  );
  t.is(sink.facts.length, 2 * leases - givenUp, 'each fact is told or counted');
  await close();
});

test('what waits for longer than its bound is given up, and a lab that was idle meanwhile loses nothing', async (t) => {
  const clock = fakeClock();
  const sink = new TestSink();
  const { logger, of } = keptLog();
  const ageMs = 3_600_000;
  const settings = { historyBounds: { bytes: 1 << 30, ageMs } };
  const { lab, close } = await openTestLab({ clock, settings, benches: [bench('b1', 'a')], sink, logger });
  await hold(lab, 'ann');
  await until(
    () => {
      clock.advance(1000);
      return sink.told.length === 1;
    },
    { what: 'the first lease' },
  );
  clock.advance(2 * ageMs);
  sink.away = true;
  await revoke(lab, [...lab.state.leases.keys()][0] ?? '');
  const tries = async (count: number): Promise<void> => {
    const before = sink.refused;
    await until(
      () => {
        clock.advance(30_000);
        return sink.refused >= before + count;
      },
      { what: 'some tries' },
    );
  };
  await tries(3);
  t.deepEqual(of('given up, to bound'), []);
  await until(
    () => {
      clock.advance(30_000);
      return of('given up, to bound').length > 0;
    },
    { what: 'it to be given up' },
  );
  t.like(of('given up, to bound')[0], { facts: 1, givenUp: 1 });
  await close();
});
