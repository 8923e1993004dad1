import type { SeededRandom } from '@berth/testkit';
import type { HookOutcome } from '../src/domain/hook-outcome.js';
import type { PoolOptions } from '../src/domain/options/options.js';
import { DEFAULT_OPTIONS } from '../src/domain/options/options.js';
import type { Resource, ResourceHook } from '../src/domain/resource.js';
import { SimulatedLab } from './simulated-lab.js';
import type { SimulatedLease, SimulatedRequest } from './simulated-lab.js';
import { SimulatedPools } from './simulated-pools.js';

/** What is known of a thing that a command made, apart from all that pools know. */
interface Thing {
  leases: number;
  firstLeaseMs: number;
  /** Its lease is over, and `cmd_release` has not succeeded since. */
  dirty: boolean;
  sandbox: string | undefined;
}

const COMMANDS = { new: 'new', delete: 'delete' };
/** A removal may be so late: calls are tried again, and servers die. */
const LATE_MS = 10_000;

/** A random story of pools and tickets; holds what happens against the page. */
export class PoolStory {
  readonly faults: string[] = [];
  readonly trace: string[] = [];
  readonly #lab: SimulatedLab;
  readonly #pools: SimulatedPools;
  readonly #options: ReadonlyMap<string, PoolOptions>;
  /** By the resource's name: all that was made and not deleted. */
  readonly #things = new Map<string, Thing>();
  readonly #lastStartMs = new Map<string, number>();
  #requests = 0;
  /** When there were how many benches wanted, lately. */
  #wanted: { atMs: number; count: number }[] = [];

  constructor(private readonly random: SeededRandom) {
    const pools = ['a', 'b', 'c'].slice(0, 1 + random.int(3)).map((name) => this.#somePool(name));
    this.#options = new Map(pools.map((options) => [options.name, options]));
    this.#lab = new SimulatedLab({
      granted: (bench, lease) => {
        this.#granted(bench, lease);
      },
      ended: (bench, lease) => {
        this.#leaseEnded(bench, lease);
      },
    });
    const listener = {
      started: this.#started.bind(this),
      ended: this.#hookEnded.bind(this),
      killed: this.#killed.bind(this),
    };
    this.#pools = new SimulatedPools(this.#lab, pools, random, listener, { failing: 0.2, lossy: 0.1 });
  }

  /** Random tickets, deaths and failures; then all is well, and everything must come to rest. */
  run(tickets: number): void {
    for (let ticket = 0; ticket < tickets && this.faults.length === 0; ticket += 1) {
      this.#something();
      this.#pools.pass(this.random.int(1500));
    }
    this.#pools.luck.failing = 0;
    this.#pools.luck.lossy = 0;
    for (const pool of this.#options.keys()) this.#pools.setState(pool, 'ACTIVE');
    for (let waits = 0; waits < 200 && this.faults.length === 0; waits += 1) {
      this.#releaseAll(1);
      this.#pools.pass(20_000);
    }
    if (this.faults.length === 0) this.#atRest();
    this.#note(JSON.stringify({ live: this.#pools.live, benches: [...this.#lab.benches.values()] }));
  }

  #somePool(name: string): PoolOptions {
    const { random } = this;
    const onDemand = random.chance(0.3);
    const tags = ['x', 'y'].filter(() => random.chance(0.7)).map((tag) => ({ name: tag, priority: random.int(3) }));
    return {
      ...DEFAULT_OPTIONS,
      name,
      commands: {
        ...COMMANDS,
        ...(random.chance(0.6) && { release: 'r' }),
        ...(random.chance(0.5) && { livecheck: 'l' }),
      },
      max: 1 + random.int(5),
      maxStarting: 1 + random.int(3),
      maxPrealloc: onDemand ? 0 : random.int(3),
      startDelayMs: random.pick([0, 0, 2000]),
      livecheckPeriodMs: 5000,
      tags: [{ name: 'any', priority: 0 }, ...tags],
      tagsOnDemand: onDemand ? [{ name: `d${name}`, priority: 1 }] : [],
      reuseOpportunityMs: random.pick([0, 5000, 60_000]),
      reuseMaxCount: random.int(3),
      reuseMaxMs: random.pick([0, 30_000]),
      namedCounters: random.chance(0.5) ? ['port'] : [],
      retry: { initialMs: 1000, maxMs: 10_000, factor: 2 },
      idleGraceMs: random.pick([0, 3000]),
    };
  }

  #something(): void {
    const { random } = this;
    const roll = random.int(100);
    if (roll < 50) {
      const onDemand = [...this.#options.values()].flatMap(({ tagsOnDemand }) => tagsOnDemand.map(({ name }) => name));
      const tags = [random.pick(['any', 'x', 'y', ...onDemand])];
      const sandbox = random.pick(['', 's1', 's2']);
      const request = { id: this.#requests++, tags, sandbox, count: random.chance(0.2) ? 2 : 1 };
      this.#lab.request(request);
    } else if (roll < 60) {
      const { waiting } = this.#lab;
      if (waiting.length > 0) this.#lab.cancel(random.pick(waiting).id);
    } else if (roll < 90) this.#releaseAll(0.5);
    else if (roll < 93) this.#pools.crash();
    else if (roll < 97) this.#operate();
    else if (this.#pools.live.length > 0) this.#pools.doom(random.pick(this.#pools.live).number);
    this.#note(`${this.#pools.nowMs} roll ${roll}`);
    this.#countWanted();
  }

  /** Whether pools make all that is asked for. What only others have made is waited for, perhaps without end. */
  #isMade({ tags, count }: SimulatedRequest): boolean {
    const makers = [...this.#options.values()].filter(({ tags: its, tagsOnDemand }) => {
      const isAskedFor = tagsOnDemand.length === 0 || tagsOnDemand.some(({ name }) => tags.includes(name));
      return isAskedFor && tags.every((tag) => [...its, ...tagsOnDemand].some(({ name }) => name === tag));
    });
    return makers.reduce((sum, { max }) => sum + max, 0) >= count;
  }

  /** Notes how many benches are wanted, besides some that were until now. */
  #countWanted(until = 0): void {
    const atMs = this.#pools.nowMs;
    const count = this.#lab.waiting.reduce((sum, request) => sum + request.count, until);
    this.#wanted = [...this.#wanted.filter((one) => one.atMs > atMs - 10_000), { atMs, count }];
  }

  /** An operator says what a pool is to do. */
  #operate(): void {
    const pool = this.random.pick([...this.#options.keys()]);
    const state = this.random.pick(['ACTIVE', 'ACTIVE', 'PAUSED', 'DRAINING', 'EVACUATING'] as const);
    this.#note(`${this.#pools.nowMs} ${pool} is ${state}`);
    this.#pools.setState(pool, state);
  }

  #releaseAll(chance: number): void {
    for (const id of [...this.#lab.leases.keys()]) if (this.random.chance(chance)) this.#lab.release(id);
  }

  #started(resource: Resource, live: readonly Resource[], nowMs: number): void {
    const { name, pool, idInPool, counters } = resource;
    const options = this.#optionsOf(pool);
    const others = live.filter((other) => other.pool === pool);
    this.#note(`${nowMs} start ${name}`);
    this.#expect(this.#pools.stateOf(pool) === 'ACTIVE', `${pool} starts though it is not active`);
    this.#expect(others.length < options.max, `${pool} has more than ${options.max}`);
    const starting = others.filter(({ state }) => state === 'STARTING').length;
    this.#expect(starting < options.maxStarting, `${pool} starts more than ${options.maxStarting}`);
    const last = this.#lastStartMs.get(pool);
    this.#expect(last === undefined || nowMs - last >= options.startDelayMs, `${pool} starts too soon`);
    this.#lastStartMs.set(pool, nowMs);
    for (let id = 0; id <= idInPool; id += 1) {
      this.#expect(
        others.some((other) => other.idInPool === id) !== (id === idInPool),
        `${name} has the id ${idInPool}`,
      );
    }
    for (const [counter, value] of Object.entries(counters)) {
      const taken = live.map((other) => other.counters[counter]);
      for (let free = 0; free <= value; free += 1) {
        this.#expect(taken.includes(free) !== (free === value), `${name} has ${counter} ${value}`);
      }
    }
    this.#countWanted();
    const unused = others.filter(
      ({ firstLeaseMs, failedChecks, doom, state }) =>
        firstLeaseMs === undefined && failedChecks === 0 && !doom && (state === 'UP' || state === 'STARTING'),
    );
    const wanted = Math.max(...this.#wanted.map(({ count }) => count));
    const notLeased = unused.filter((other) => {
      const bench = this.#lab.benches.get(other.name);
      if (bench === undefined) return other.supply?.revision === undefined;
      return bench.lease === undefined && bench.condition === 'READY';
    });
    this.#expect(notLeased.length < options.maxPrealloc + wanted, `${pool} makes too many ahead`);
  }

  #hookEnded({ name }: Resource, hook: ResourceHook, { verdict }: HookOutcome): void {
    this.#note(`${this.#pools.nowMs} ${hook} of ${name}: ${verdict}`);
    const thing = this.#things.get(name);
    if (hook === 'new' && (verdict === 'ok' || (verdict === 'unsure' && this.random.chance(0.5)))) this.#make(name);
    if (hook === 'delete' && verdict === 'ok') this.#things.delete(name);
    if (hook === 'release' && verdict === 'ok' && thing !== undefined) thing.dirty = false;
  }

  #killed({ name }: Resource, hook: ResourceHook): void {
    this.#note(`${this.#pools.nowMs} ${hook} of ${name} is killed`);
    if (hook === 'new' && this.random.chance(0.5)) this.#make(name);
  }

  #make(name: string): void {
    this.#things.set(name, { leases: 0, firstLeaseMs: 0, dirty: false, sandbox: undefined });
  }

  #granted(bench: string, { request }: SimulatedLease): void {
    const nowMs = this.#pools.nowMs;
    this.#note(`${nowMs} ${bench} is granted to ${request.id} in '${request.sandbox}'`);
    const thing = this.#things.get(bench);
    if (thing === undefined) {
      this.#expect(false, `${bench} is granted, and is not there`);
      return;
    }
    const { reuseMaxCount, reuseMaxMs } = this.#optionsOf(bench.split('_')[0] ?? '');
    this.#expect(!thing.dirty, `${bench} is granted before it was released`);
    this.#expect(
      thing.sandbox === undefined || (thing.sandbox !== '' && thing.sandbox === request.sandbox),
      `${bench} of sandbox '${thing.sandbox ?? ''}' is granted to '${request.sandbox}'`,
    );
    this.#expect(reuseMaxCount === 0 || thing.leases <= reuseMaxCount, `${bench} is used too often`);
    // One that a request claims is kept for it, however old it is.
    const number = Number(bench.split('_')[1]);
    const claimedMs = this.#pools.world.claimedMs.get(number) ?? 0;
    const isOld = thing.leases > 0 && reuseMaxMs > 0 && nowMs > thing.firstLeaseMs + reuseMaxMs + LATE_MS;
    this.#expect(!isOld || claimedMs > nowMs - LATE_MS, `${bench} is used for too long`);
    this.#countWanted(request.count);
    if (thing.leases === 0) thing.firstLeaseMs = nowMs;
    thing.leases += 1;
    thing.sandbox = request.sandbox;
  }

  #leaseEnded(bench: string, lease: SimulatedLease): void {
    this.#note(`${this.#pools.nowMs} ${lease.id} of ${bench} ends`);
    const thing = this.#things.get(bench);
    if (thing !== undefined) thing.dirty = this.#optionsOf(bench.split('_')[0] ?? '').commands.release !== undefined;
  }

  /** Once nothing fails any more, all requests that can be served were, and what is there is what is to be there. */
  #atRest(): void {
    const waiting = this.#lab.waiting.filter((request) => this.#isMade(request));
    this.#expect(waiting.length === 0, `${JSON.stringify(waiting)} wait for ever`);
    const claimed = [...this.#lab.claimed];
    this.#expect(claimed.length === 0, `${claimed.join()} are kept for ever`);
    const { live } = this.#pools;
    for (const name of this.#things.keys()) {
      this.#expect(
        live.some((resource) => resource.name === name),
        `${name} is there, and no row says so`,
      );
    }
    for (const { name, state, pool } of live) {
      this.#expect(state === 'UP' && this.#things.has(name), `${name} is ${state} for ever`);
      this.#expect(this.#optionsOf(pool).tagsOnDemand.length === 0, `${name} stays, and nobody wants it`);
    }
    for (const options of this.#options.values()) {
      const unused = live.filter(
        ({ pool, firstLeaseMs }) => pool === options.name && firstLeaseMs === undefined,
      ).length;
      const wanted = Math.min(options.max, options.maxPrealloc);
      this.#expect(
        unused >= wanted || live.length >= options.max,
        `${options.name} makes ${unused} ahead, not ${wanted}`,
      );
    }
    for (const name of this.#lab.benches.keys()) {
      this.#expect(
        live.some((resource) => resource.name === name),
        `bench ${name} has no row`,
      );
    }
  }

  #optionsOf(pool: string): PoolOptions {
    const options = this.#options.get(pool);
    if (options === undefined) throw new Error(`no pool '${pool}'`);
    return options;
  }

  #expect(holds: boolean, fault: string): void {
    if (!holds) this.faults.push(`${this.#pools.nowMs}: ${fault}`);
  }

  #note(line: string): void {
    this.trace.push(line);
  }
}
