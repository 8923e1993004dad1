import { until } from '@berth/testkit';
import { openSqliteEventLogStore } from '@berth/storage';
import { steadyClock } from '@berth/kernel';
import test from 'ava';
import { planRevoke, planTransfer } from '../domain/index.js';
import type { HistorySink, LeaseFact } from '../ports/history-sink.js';
import { msgpackCodec } from '../store/msgpack-codec.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import type { OpenLab } from './open-lab.js';

const OPERATOR = { actor: { name: 'op', kind: 'caller' }, operator: true } as const;

/** Keeps what it is told; refuses as long as `away`. */
class TestSink implements HistorySink {
  readonly facts: LeaseFact[] = [];
  refused = 0;
  away = false;

  record(_lab: string, facts: readonly LeaseFact[]): Promise<void> {
    if (this.away) {
      this.refused += 1;
      return Promise.reject(new Error('the tracker is away'));
    }
    this.facts.push(...facts);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
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
