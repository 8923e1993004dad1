import { SYSTEM } from '@berth/kernel';
import type { SeededRandom } from '@berth/testkit';
import type { HookOutcome } from '../src/domain/hook-outcome.js';
import * as life from '../src/domain/life.js';
import { freeNumbers } from '../src/domain/numbers.js';
import { offerOf } from '../src/domain/offers.js';
import { plan } from '../src/domain/plan.js';
import { newPoolDocument } from '../src/domain/pool-document.js';
import { afterStart, afterStartEnded } from '../src/domain/pool-starts.js';
import { isLive } from '../src/domain/resource.js';
import type { Resource, ResourceHook } from '../src/domain/resource.js';
import type { Step, World, WorldPool } from '../src/domain/world.js';
import { stateOf } from '../src/domain/world.js';
import type { PoolOptions, PoolState } from '../src/domain/options/options.js';
import type { SimulatedLab } from './simulated-lab.js';

export const LAB = 'default';
const HOST = 'here';

/** Told of what happens to resources, to check it. */
export interface PoolsListener {
  started(resource: Resource, live: readonly Resource[], nowMs: number): void;
  /** A command ends; whatever it did is done then. */
  ended(resource: Resource, hook: ResourceHook, outcome: HookOutcome): void;
  /** The processes of a resource were killed. */
  killed(resource: Resource, hook: ResourceHook): void;
}

/** How badly things go. */
export interface Luck {
  failing: number;
  lossy: number;
}

type Write = {
  readonly [K in keyof World]: World[K] extends ReadonlyMap<infer A, infer B>
    ? Map<A, B>
    : World[K] extends ReadonlySet<infer A>
      ? Set<A>
      : World[K];
};

/** A server of pools whose store is a map, whose commands are dice, and whose calls take their time; its plans are real. */
export class SimulatedPools {
  readonly world: Write;
  nowMs = 1_000_000;
  /** What is stored of resources of which more is known. */
  readonly #stored = new Map<number, Resource>();
  #next = 1;
  #runs = 0;
  #life = 0;
  /** When the watches tell again, and when there is more to plan. */
  #lookMs = Infinity;
  #againMs = Infinity;
  /** What happens at a time. */
  #events: { readonly atMs: number; readonly life: number; readonly happen: () => void }[] = [];

  constructor(
    private readonly lab: SimulatedLab,
    pools: readonly PoolOptions[],
    private readonly random: SeededRandom,
    private readonly listener: PoolsListener,
    readonly luck: Luck,
  ) {
    const made = pools.map((options): [string, WorldPool] => [
      options.name,
      { options, removed: false, document: newPoolDocument(options.name, 0) },
    ]);
    this.world = {
      pools: new Map(made),
      resources: new Map(),
      labs: new Map([[LAB, { callsFromMs: 0 }]]),
      host: HOST,
      flying: new Set(),
      busy: new Set(),
      claimedMs: new Map(),
      keptUntilMs: new Map(),
    };
  }

  /** Lets time pass, and everything happen that is due. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      this.#settle();
      const nextMs = this.#events.reduce(
        (least, { atMs }) => Math.min(least, atMs),
        Math.min(this.#lookMs, this.#againMs),
      );
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#events.filter(({ atMs }) => atMs <= this.nowMs);
      this.#events = this.#events.filter(({ atMs }) => atMs > this.nowMs);
      for (const { life: its, happen } of due) if (its === this.#life) happen();
    }
    this.nowMs = untilMs;
  }

  /** Kills the process: what it was doing is not done, and what it knew is forgotten. Another one begins. */
  crash(): void {
    this.#life += 1;
    for (const [number, resource] of this.#stored) this.world.resources.set(number, resource);
    this.#stored.clear();
    this.world.flying.clear();
    this.world.busy.clear();
    this.world.claimedMs.clear();
    this.world.keptUntilMs.clear();
    this.world.labs.set(LAB, { callsFromMs: 0 });
  }

  /** An operator says what a pool is to do. */
  setState(name: string, state: PoolState): void {
    const pool = this.#pool(name);
    const { override: _, ...document } = pool.document;
    const override = { actor: SYSTEM, reason: 'so', timeMs: this.nowMs };
    const next = state === 'ACTIVE' ? document : { ...document, override: { ...override, state } };
    this.world.pools.set(name, { ...pool, document: next });
  }

  stateOf(name: string): PoolState {
    return stateOf(this.#pool(name));
  }

  /** An operator wants a resource deleted. */
  doom(number: number): void {
    const resource = this.#resource(number);
    const isWanted = resource?.state === 'STARTING' || resource?.state === 'UP' || resource?.state === 'RELEASING';
    if (isWanted) this.#put(life.doom(resource, 'an operator said so', this.nowMs));
  }

  get live(): readonly Resource[] {
    return [...this.world.resources.values()];
  }

  #settle(): void {
    this.#look();
    for (const pool of this.world.pools.values()) this.lab.putOffer(offerOf(pool, this.world));
    for (let rounds = 0; rounds < 50; rounds += 1) {
      const { steps, starts, againMs } = plan(this.world, this.nowMs);
      for (const step of steps) this.#take(step);
      for (const pool of starts) this.#start(pool);
      if (starts.length === 0 && steps.every(({ do: what }) => !['change', 'note', 'recover'].includes(what))) {
        this.#againMs = Math.max(againMs, this.nowMs + 1);
        return;
      }
    }
    throw new Error('it plans without end');
  }

  /** Now and then the watches tell what is there. */
  #look(): void {
    const lab = this.world.labs.get(LAB) ?? { callsFromMs: 0 };
    const benches = this.random.chance(0.6) ? this.lab.seenBenches() : lab.benches;
    const demand = this.random.chance(0.6) ? this.lab.seenDemand() : lab.demand;
    this.world.labs.set(LAB, { ...lab, benches, demand });
    for (const { number, name } of this.live)
      if (demand?.claimed.has(name)) this.world.claimedMs.set(number, this.nowMs);
    const isStale = benches?.revision !== this.lab.revision || demand?.revision !== this.lab.revision;
    this.#lookMs = isStale ? this.nowMs + 1 + this.random.int(50) : Infinity;
  }

  #at(inMs: number, happen: () => void): void {
    this.#events.push({ atMs: this.nowMs + inMs, life: this.#life, happen });
  }

  #put(resource: Resource): void {
    this.#stored.delete(resource.number);
    if (isLive(resource)) this.world.resources.set(resource.number, resource);
    else this.world.resources.delete(resource.number);
  }

  /** Something that is stored a moment later. */
  #note(resource: Resource): void {
    const { number } = resource;
    const before = this.#resource(number);
    if (before === undefined) return;
    if (!this.#stored.has(number)) this.#stored.set(number, before);
    this.world.resources.set(number, resource);
    const noted = this.#stored.get(number);
    this.#at(1 + this.random.int(100), () => {
      if (this.#stored.get(number) === noted) this.#stored.delete(number);
    });
  }

  #start(name: string): void {
    const pool = this.#pool(name);
    const number = this.#next++;
    const { idInPool, counters } = freeNumbers(name, pool.options.namedCounters, this.live);
    const named = `${name}_${number}`;
    const run = `run-${this.#runs++}`;
    const { options } = pool;
    const resource = life.newResource(
      { options, number, name: named, idInPool, counters, run, host: HOST },
      this.nowMs,
    );
    this.listener.started(resource, this.live, this.nowMs);
    this.world.pools.set(name, { ...pool, document: afterStart(pool.document, this.nowMs) });
    this.#put(resource);
    this.#fly(resource, 'new', run);
  }

  #pool(name: string): WorldPool {
    const pool = this.world.pools.get(name);
    if (pool === undefined) throw new Error(`no pool ${name}`);
    return pool;
  }

  #resource(number: number): Resource | undefined {
    return this.world.resources.get(number);
  }

  #take(step: Step): void {
    const { nowMs, lab } = this;
    if (step.do === 'removeStray') {
      this.#call(
        () => lab.deleteBench(step.name, 'force'),
        () => undefined,
      );
      return;
    }
    const { number } = step;
    const resource = this.#resource(number);
    if (resource === undefined) return;
    switch (step.do) {
      case 'change':
        this.#put(step.next);
        return;
      case 'note':
        this.#note(step.next);
        return;
      case 'run': {
        const run = `run-${this.#runs++}`;
        const { token } = step;
        const over = token === undefined ? resource : life.leaseOver(resource, token, false, nowMs);
        this.#put(life.begun(over, step.hook, run, HOST, nowMs));
        this.#fly(resource, step.hook, run);
        return;
      }
      case 'abort':
        this.#land(number, step.run, { verdict: 'unsure', fault: 'was aborted', data: '' }, true);
        return;
      case 'recover':
        for (const run of [resource.running, resource.checking]) {
          if (run !== undefined && !this.world.flying.has(run.run)) this.listener.killed(resource, run.hook);
        }
        this.#put(life.recovered(resource, step.released, nowMs));
        return;
      case 'createBench':
        this.#createBench(resource);
        return;
      case 'deleteBench':
        this.#callFor(
          number,
          () => lab.deleteBench(resource.name, step.how),
          (isGone) => {
            const now = this.#resource(number);
            if (now === undefined) return;
            if (isGone) this.#note(life.toDeleting(this.#over(now, step.token), step.reason, this.nowMs));
            else this.world.keptUntilMs.set(number, this.nowMs + 1000);
          },
        );
        return;
      case 'finishCleaning':
        this.#callFor(
          number,
          () => lab.finishCleaning(resource.name, step.token, step.affinity),
          () => undefined,
        );
        return;
      case 'quarantine': {
        const condition = step.reason === undefined ? 'READY' : 'QUARANTINED';
        this.#callFor(
          number,
          () => lab.setCondition(resource.name, condition, 'berth-pool'),
          () => undefined,
        );
      }
    }
  }

  #over(resource: Resource, token: number | undefined): Resource {
    return token === undefined || resource.state !== 'UP'
      ? resource
      : life.leaseOver(resource, token, true, this.nowMs);
  }

  #createBench(resource: Resource): void {
    const { number, name, pool, tags } = resource;
    const weights = new Map(tags.map((tag) => [tag.name, tag.priority]));
    this.#callFor(
      number,
      () => this.lab.createBench(name, pool, weights),
      (revision) => {
        const now = this.#resource(number);
        if (now !== undefined) this.#note(life.benchFree(now, revision, this.nowMs));
      },
    );
  }

  /** A call that takes a while, and may fail, done or not done. */
  #call<T>(act: () => T, done: (answer: T) => void, over: () => void = () => undefined): void {
    const isLost = this.random.chance(this.luck.lossy);
    this.#at(1 + this.random.int(20), () => {
      const answer = isLost && this.random.chance(0.5) ? undefined : { is: act() };
      this.#at(1 + this.random.int(20), () => {
        over();
        if (answer !== undefined && !isLost) done(answer.is);
        const lab = this.world.labs.get(LAB);
        if (isLost && lab !== undefined) this.world.labs.set(LAB, { ...lab, callsFromMs: this.nowMs + 1000 });
      });
    });
  }

  #callFor<T>(number: number, act: () => T, done: (answer: T) => void): void {
    this.world.busy.add(number);
    this.#call(act, done, () => this.world.busy.delete(number));
  }

  #fly({ number }: Resource, hook: ResourceHook, run: string): void {
    this.world.flying.add(run);
    const isBad = this.random.chance(this.luck.failing);
    const verdict = isBad ? this.random.pick(['failed', 'unsure'] as const) : 'ok';
    const outcome: HookOutcome = { verdict, fault: isBad ? 'failed' : '', data: '' };
    this.#at(1 + this.random.int(hook === 'new' ? 3000 : 300), () => this.#land(number, run, outcome));
  }

  #land(number: number, run: string, outcome: HookOutcome, isAborted = false): void {
    if (!this.world.flying.delete(run)) return;
    const resource = this.#resource(number);
    const running = resource && life.runOf(resource, run);
    if (resource === undefined || running === undefined) throw new Error(`run ${run} of ${number} is not in its row`);
    const { hook, sinceMs } = running;
    this.listener.ended(resource, hook, outcome);
    const { options, ...pool } = this.#pool(resource.pool);
    if (hook === 'livecheck' && isAborted) this.#put(life.withoutCheck(resource, this.nowMs));
    else {
      const after = life.afterHook(resource, hook, outcome, options, this.nowMs);
      // It is acted on before it is stored.
      if (hook === 'release' && outcome.verdict === 'ok') this.#note(after);
      else this.#put(after);
    }
    if (hook !== 'new' || isAborted) return;
    const fault = outcome.verdict === 'ok' ? undefined : outcome.fault;
    const document = afterStartEnded(pool.document, fault, this.nowMs - sinceMs, options.retry, this.nowMs);
    this.world.pools.set(options.name, { ...pool, options, document });
  }
}
