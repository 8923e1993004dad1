import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { AppendResult, EventLog, LogStep, Revision } from '../event-log.js';
import type { ModelStep, Span } from './model-log.js';
import { ModelLog } from './model-log.js';
import type { Operation } from './operations.js';
import { operations } from './operations.js';
import type { Running, Suite } from './subject.js';
import { bytes, text, texts } from './subject.js';

const RUNS = 60;
const SHORT_MS = 2;
const SHORT_IS_OVER_MS = 4;
const MS: Readonly<Record<Span, number>> = { short: SHORT_MS, long: 3_600_000 };

function engineStep(step: ModelStep): LogStep {
  if (step.kind === 'arm') return { kind: 'arm', lease: step.lease, ttlMs: MS[step.span] };
  if (step.kind === 'remember') {
    const { kind, id, value, span } = step;
    return { kind, id, value, ttlMs: MS[span] };
  }
  return step;
}

function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: engine ${JSON.stringify(actual)}, model ${JSON.stringify(expected)}`);
}

/** An engine and the model side by side. */
class Pair {
  readonly model = new ModelLog();
  /** Every position that the log has had, also trimmed ones, and one that it never had. */
  readonly positions: Revision[] = [0, 5];

  constructor(
    readonly log: EventLog,
    readonly running: Running,
  ) {}

  async run(operation: Operation): Promise<void> {
    await this.#run(operation);
    if (this.model.settle()) await this.running.pass(SHORT_IS_OVER_MS);
    for (const lease of ['lease-1', 'lease-2']) {
      const [ms] = await this.log.deadlines([lease]);
      const state = ms === undefined ? undefined : ms > 0 ? 'long' : 'over';
      same(`deadline of ${lease}`, state, this.model.deadline(lease));
    }
    for (const id of ['id-1', 'id-2']) same(`answer ${id}`, await this.log.recall(id), this.model.recall(id));
    const alive = await this.log.aliveSessions(['session-1', 'session-2']);
    same('sessions', [...alive].sort(), [...this.model.sessions.keys()].sort());
  }

  #position(at: number | 'last'): Revision {
    return at === 'last' ? this.model.last : (this.positions[at % this.positions.length] ?? 0);
  }

  async #run(operation: Operation): Promise<void> {
    const { log, model } = this;
    switch (operation.kind) {
      case 'append':
        return this.#append(operation);
      case 'touch': {
        const { lease, span, missing } = operation;
        const done = await log.touch([{ lease, ttlMs: MS[span] }], missing);
        same('touch', done, [model.touch(lease, span, missing)]);
        return;
      }
      case 'openSession':
        await log.openSession(operation.session, MS[operation.span]);
        model.sessions.set(operation.session, operation.span);
        return;
      case 'beat': {
        const lives = model.sessions.has(operation.session);
        same('beat', await log.beat(operation.session, MS[operation.span]), lives);
        if (lives) model.sessions.set(operation.session, operation.span);
        return;
      }
      case 'closeSession':
        await log.closeSession(operation.session);
        model.sessions.delete(operation.session);
        return;
      case 'read':
        return this.#read(this.#position(operation.at));
      case 'snapshot':
        return this.#snapshot(this.#position(operation.at));
      case 'trim':
        await log.trim(this.#position(operation.at));
        model.trim(this.#position(operation.at));
        return;
      case 'load':
        return this.#load();
    }
  }

  async #append({ at, events, steps }: Operation & { kind: 'append' }): Promise<void> {
    const { log, model } = this;
    const expected = this.#position(at);
    const result = await log.append({ expected, events: events.map(bytes), steps: steps.map(engineStep) });
    if (expected !== model.last) {
      this.#behind(result, expected);
      return;
    }
    const planned = model.plan(steps);
    if (typeof planned !== 'function') {
      const { remaining, ...refusal } = planned;
      if (result.outcome !== 'refused') throw new Error(`engine ${JSON.stringify(result)}, model refuses`);
      const { remainingMs, ...told } = result.refusal;
      same('refusal', told, refusal);
      same('remaining', remainingMs === undefined ? undefined : remainingMs > 0, remaining);
      return;
    }
    if (result.outcome !== 'committed') throw new Error(`engine ${JSON.stringify(result)}, model commits`);
    same('rises', result.first > model.last, true);
    same('revisions', result.last - result.first + 1, events.length);
    planned();
    if (events.length === 0) {
      same('last', result.last, model.last);
      return;
    }
    model.entries.push({ last: result.last, events });
    model.last = result.last;
    this.positions.push(result.last);
  }

  #behind(result: AppendResult, expected: Revision): void {
    if (!this.model.knows(expected)) {
      same('append', result, { outcome: 'lost' });
      return;
    }
    same('append', result.outcome, 'conflict');
    if (result.outcome === 'conflict') same('missed', texts(result.missed), this.model.after(expected));
  }

  async #read(position: Revision): Promise<void> {
    const found = await this.log.read(position);
    const expected = this.model.knows(position) ? this.model.after(position) : 'trimmed';
    same('read', found === 'trimmed' ? found : texts(found), expected);
  }

  async #snapshot(revision: Revision): Promise<void> {
    const data = `state ${String(revision)}`;
    await this.log.saveSnapshot({ revision, data: bytes(data) });
    const newer = revision > (this.model.snapshot?.revision ?? 0);
    if (newer && this.model.knows(revision)) this.model.snapshot = { revision, data };
  }

  async #load(): Promise<void> {
    const { snapshot, entries, last } = await this.log.load();
    const { model } = this;
    const loaded = snapshot && { revision: snapshot.revision, data: text(snapshot.data) };
    same('snapshot', loaded, model.snapshot);
    same('entries', texts(entries), model.after(model.snapshot?.revision ?? 0));
    same('last', last, model.last);
  }
}

/** Random operations: engine and model give the same answers, and leave the same state after each. */
export function testProperty({ test, subject }: Suite): void {
  test('random operations do the same as in a naive model', async (t) => {
    // A store of its own: it lets time pass, which the other tests would notice.
    const running = await subject.start();
    let runs = 0;
    try {
      await fc.assert(
        fc.asyncProperty(operations, async (sequence) => {
          runs += 1;
          const pair = new Pair(await running.store.open(`random-${String(runs)}`), running);
          for (const operation of sequence) await pair.run(operation);
          await pair.run({ kind: 'load' });
        }),
        { numRuns: RUNS, includeErrorInReport: true },
      );
    } finally {
      await running.stop();
    }
    t.true(runs >= RUNS);
  });
}
