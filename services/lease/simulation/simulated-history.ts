import type { Waiting } from '../src/domain/entities.js';
import { lacksOf } from '../src/domain/lacks.js';
import { schedule } from '../src/domain/schedule.js';
import type { LabRules } from '../src/domain/model.js';
import { wrongIndexes } from './check-indexes.js';
import { dumpState, pictureOfState } from './dump-state.js';
import type { DueKind, LabCommand } from './lab-command.js';
import { NaiveModel } from './naive-model.js';
import { planCommand } from './run-command.js';
import { SimulatedLab } from './simulated-lab.js';

/** How two values that should be equal are compared; throws when they are not. */
export type AssertEqual = (actual: unknown, expected: unknown, what: string) => void;

/** Runs the same commands through the domain and through the naive model, and holds one against the other. */
export class SimulatedHistory {
  readonly lab: SimulatedLab;
  readonly model: NaiveModel;
  readonly #lastToken = new Map<string, number>();
  /** What was run, for the message of a failure. */
  readonly trace: string[] = [];
  #fresh = 0;

  constructor(
    rules: LabRules,
    readonly assertEqual: AssertEqual,
  ) {
    this.lab = new SimulatedLab(rules);
    this.model = new NaiveModel(rules);
  }

  /** A request id that was not used before. */
  freshId(): string {
    return `r${String(this.#fresh++)}`;
  }

  /** Lets time pass, and does what it demands. */
  pass(ms: number): void {
    this.lab.now += ms;
    const { now } = this.lab;
    const over = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= now;
    const due: [DueKind, string][] = [
      ...this.model.queue.flatMap(({ spec, arrivalMs, detachedUntilMs, keptUntilMs, aside }): [DueKind, string][] => [
        ...(over(keptUntilMs) && !aside ? [['keepBack', spec.requestId] as [DueKind, string]] : []),
        ...(spec.waitMs !== undefined && over(arrivalMs + spec.waitMs)
          ? [['wait', spec.requestId] as [DueKind, string]]
          : []),
        ...(over(detachedUntilMs) ? [['requestGrace', spec.requestId] as [DueKind, string]] : []),
      ]),
      ...this.model.leases.flatMap(({ spec, detachedUntilMs, endMs, hold, ttlMs, grantedMs }): [DueKind, string][] => [
        ...(over(detachedUntilMs) ? [['leaseGrace', spec.requestId] as [DueKind, string]] : []),
        ...(over(endMs) ? [['leaseEnd', spec.requestId] as [DueKind, string]] : []),
        ...(hold === 'TTL' && over(grantedMs + (ttlMs ?? 0)) ? [['ttl', spec.requestId] as [DueKind, string]] : []),
      ]),
    ];
    for (const [kind, requestId] of due) this.run([{ kind: 'due', due: kind, requestId }]);
  }

  /** Runs commands as one batch, and checks all that must hold after each. Gives the outcome of each: 'ok' or a reason. */
  run(commands: readonly LabCommand[], gap = 0): readonly string[] {
    if (commands.length === 0) return [];
    const { lab, model, assertEqual } = this;
    this.trace.push(`at ${String(lab.now)}: ${commands.map((command) => JSON.stringify(command)).join('\n  and ')}`);
    const waiting = [...lab.state.queue];
    const known = new Set([...lab.state.demands.all()].map((demand) => demand.key));
    const before = dumpState(lab.state, known);
    const ran = lab.batch(
      commands.map((command) => (draft) => planCommand(draft, command)),
      gap,
      () => assertEqual(dumpState(lab.state, known), before, 'a rolled back draft leaves the state as it was'),
    );
    const outcomes = ran.map((one) => (one.outcome === 'ok' ? 'ok' : one.error.reason));
    assertEqual(
      outcomes,
      commands.map((command) => model.run(command, lab.now)),
      'outcomes are those of the model',
    );
    const { claims, grants } = schedule(lab.state);
    assertEqual(pictureOfState(lab.state, lab.views, claims), model.picture(), 'the state is the one of the model');
    assertEqual(lacksOf(lab.state).lacks, model.lacks(), 'what requests lack is what the model says');
    assertEqual(grants.length, 0, 'nobody waits who could be granted');
    assertEqual(wrongIndexes(lab.state), [], 'indexes are those of a recomputation');
    this.#checkTokens();
    if (commands.length === 1 && !lab.state.rules.backfill) this.#checkOvertaking(waiting);
    return outcomes;
  }

  /** Tokens of a bench only rise, and none but the newest grant is in force. */
  #checkTokens(): void {
    for (const change of this.lab.changes) {
      if (change.kind !== 'leasePut') continue;
      const { benches, token } = change.lease;
      for (const { spec } of benches) {
        const last = this.#lastToken.get(spec.name) ?? 0;
        this.assertEqual(token >= last, true, `token ${String(token)} of ${spec.name} is not below ${String(last)}`);
        this.#lastToken.set(spec.name, token);
      }
    }
    for (const { benches, token } of this.lab.state.leases.values()) {
      for (const { spec } of benches)
        this.assertEqual(token, this.#lastToken.get(spec.name), `newest token of ${spec.name}`);
    }
  }

  /**
   * Who was granted a bench just now did so before nobody better who wanted it and waits still (attached, for it alone).
   * This says "no overtaking" without the model, for the requests where it needs no choice.
   */
  #checkOvertaking(waited: readonly Waiting[]): void {
    const { state, events } = this.lab;
    for (const event of events) {
      if (event.type !== 'LeaseGranted') continue;
      const lease = state.leases.get(event.leaseId);
      if (lease === undefined) continue;
      const rank = waited.find((one) => one.spec.requestId === event.requestId);
      const overtaken = [...state.queue].filter(
        (one) =>
          one.detachedUntilMs === undefined &&
          one.spec.requirements.length === 1 &&
          lease.benches.some((bench) => one.demand.benches.has(bench) && one.demand.isLent(bench)) &&
          (rank === undefined
            ? waited.includes(one) && one.score < this.lab.state.score(this.lab.now, lease.spec.priority)
            : one.score < rank.score),
      );
      this.assertEqual(
        overtaken.map((one) => one.spec.requestId),
        [],
        `${event.requestId} overtook nobody`,
      );
    }
  }

  /** Ends all leases one by one, brings all callers and benches back: everybody who can be served is, in the end. */
  drain(): void {
    const { model } = this;
    this.#clean();
    for (const { spec } of model.benches) {
      this.run([{ kind: 'setCondition', name: spec.name, state: 'READY', reason: '' }]);
    }
    for (const { spec } of model.queue) this.run([{ kind: 'acquire', spec, session: 'drain' }]);
    const by = { name: 'olga', operator: true };
    for (let most = model.queue.length + model.leases.length; most > 0; most--) {
      const lease = model.leases[0];
      if (lease !== undefined) this.run([{ kind: 'release', requestId: lease.spec.requestId, by, token: 'none' }]);
      this.#clean();
    }
    this.assertEqual(model.leases.length, 0, 'all leases were ended');
    // What waits for an offer, or for a bench that was changed, waits on.
    const { offers } = model.picture();
    const stuck = model.queue.filter((one) => offers.length === 0 && model.canBeMet(one));
    this.assertEqual(
      stuck.map((one) => one.spec.requestId),
      [],
      'nobody waits for ever who could be served',
    );
  }

  /** Finishes all cleanings. */
  #clean(): void {
    for (const { spec, cleaning } of [...this.model.benches]) {
      if (cleaning) this.run([{ kind: 'finishCleaning', name: spec.name, token: 'right' }]);
    }
  }
}
