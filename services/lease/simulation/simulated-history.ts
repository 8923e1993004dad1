import type { Bench, Waiting } from '../src/domain/entities.js';
import { lacksOf } from '../src/domain/lacks.js';
import { schedule } from '../src/domain/schedule.js';
import type { LabRules } from '../src/domain/model.js';
import { wrongIndexes } from './check-indexes.js';
import { dumpState, pictureOfState } from './dump-state.js';
import type { DueKind, LabCommand } from './lab-command.js';
import { NaiveModel } from './naive-model.js';
import { beyondLimits, isBeyond } from './check-limits.js';
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
      // What reservations begin, end and shut out; all else stands on what is left then.
      ...(this.model.reservations.length > 0 ? [['claims', ''] as [DueKind, string]] : []),
      ...this.model.queue.flatMap(({ spec, arrivalMs, detachedUntilMs, keptUntilMs, aside }): [DueKind, string][] => [
        ...(over(keptUntilMs) && !aside ? [['keepBack', spec.requestId] as [DueKind, string]] : []),
        ...(spec.waitMs !== undefined && over(arrivalMs + spec.waitMs)
          ? [['wait', spec.requestId] as [DueKind, string]]
          : []),
        ...(over(detachedUntilMs) ? [['requestGrace', spec.requestId] as [DueKind, string]] : []),
      ]),
      ...this.model.leases.flatMap((lease): [DueKind, string][] => {
        const { spec, detachedUntilMs, hold, ttlMs, grantedMs } = lease;
        return [
          ...(over(detachedUntilMs) ? [['leaseGrace', spec.requestId] as [DueKind, string]] : []),
          ...(over(this.model.endOf(lease)) ? [['leaseEnd', spec.requestId] as [DueKind, string]] : []),
          ...(hold === 'TTL' && over(grantedMs + (ttlMs ?? 0)) ? [['ttl', spec.requestId] as [DueKind, string]] : []),
        ];
      }),
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
    const { claims, grants } = schedule(lab.state, lab.now);
    assertEqual(pictureOfState(lab.state, lab.views, claims), model.picture(), 'the state is the one of the model');
    assertEqual(lacksOf(lab.state, lab.now).lacks, model.lacks(), 'what requests lack is what the model says');
    assertEqual(grants.length, 0, 'nobody waits who could be granted');
    assertEqual(wrongIndexes(lab.state), [], 'indexes are those of a recomputation');
    this.#checkTokens();
    assertEqual(beyondLimits(lab.state), [], 'nobody has more than the limits allow');
    const kept = [...claims.values()].filter((one) => isBeyond(lab.state, one.spec, one.demand.requirements.length));
    assertEqual(
      kept.map((one) => one.spec.requestId),
      [],
      'nobody keeps a bench from others who is held back by a limit',
    );
    const claimed = new Set(claims.keys());
    this.#checkStarts(claimed);
    this.#checkIdle(claimed);
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
      // Who spends a booking goes before all others in its time.
      if (lease === undefined || lease.spec.booking !== undefined) continue;
      const rank = waited.find((one) => one.spec.requestId === event.requestId);
      const overtaken = [...state.queue].filter(
        (one) =>
          one.detachedUntilMs === undefined &&
          one.spec.requirements.length === 1 &&
          !isBeyond(state, one.spec, 1) &&
          lease.benches.some((bench) => this.#couldHave(one, bench)) &&
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

  /** Whether a bench, free or not, is one that a waiting request may have now: this says rule 15 without the model. */
  #couldHave({ demand, spec }: Waiting, bench: Bench): boolean {
    const { state, now } = this.lab;
    const { booking, maxDurationMs = state.rules.openEndedMs } = spec;
    if (!demand.benches.has(bench) || !demand.isLent(bench)) return false;
    const { name } = bench.spec;
    const its = [...state.reservations.all()].filter(({ benches }) => benches.includes(name));
    const others = its.filter(({ id }) => id !== booking);
    const untilMs = Math.min(Infinity, ...others.map(({ startMs, leadsMs }) => startMs - (leadsMs[name] ?? 0)));
    if (booking !== undefined) return its.some(({ id, started }) => id === booking && started) && now < untilMs;
    return now + maxDurationMs <= untilMs;
  }

  /**
   * When a reservation begins, who waits to spend all of it has it, if all of it is ready and nothing is kept back for another
   * one who spends it and is away.
   */
  #checkStarts(claimed: ReadonlySet<Bench>): void {
    const { state, events } = this.lab;
    for (const event of events) {
      if (event.type !== 'ReservationStarted') continue;
      const benches = state.reservations.get(event.id)?.benches ?? [];
      const [first] = [...state.demands.spending(event.id)]
        .flatMap(({ queue }) => [...queue])
        .filter(({ spec, detachedUntilMs }) => spec.requirements.length === 0 && detachedUntilMs === undefined);
      const isReady = (name: string): boolean => {
        const bench = state.benches.get(name);
        if (bench === undefined || first === undefined || claimed.has(bench)) return false;
        return first.demand.isOpen(bench) && this.#couldHave(first, bench);
      };
      this.assertEqual(
        first !== undefined && benches.every(isReady),
        false,
        `who waits for ${event.id} has its benches`,
      );
    }
  }

  /** No bench stays idle that a request for it alone could have. */
  #checkIdle(claimed: ReadonlySet<Bench>): void {
    for (const bench of this.lab.state.benches.values()) {
      if (claimed.has(bench)) continue;
      const waiting = [...bench.demands].flatMap(({ queue }) => [...queue]);
      const idle = waiting.filter(
        (one) =>
          one.detachedUntilMs === undefined &&
          one.spec.requirements.length === 1 &&
          !isBeyond(this.lab.state, one.spec, 1) &&
          one.demand.isOpen(bench) &&
          this.#couldHave(one, bench),
      );
      this.assertEqual(idle.length, 0, `${bench.spec.name} is not idle`);
    }
  }

  /** Ends all leases one by one, brings all callers and benches back: everybody who can be served is, in the end. */
  drain(): void {
    const { model } = this;
    for (const { id, version } of [...model.reservations]) {
      this.run([{ kind: 'deleteReservation', id, version: version + 1, ifUnused: false }]);
    }
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
