import type { SeededRandom } from '@berth/testkit';
import type { LabSettings } from '../src/app/open-lab.js';
import type { HoldMode, Requirement } from '../src/domain/model.js';
import { LabState } from '../src/domain/state.js';
import { checkRest, checkTimes, grantable } from './check-rest.js';
import { CommittedLog } from './committed-log.js';
import { SeenHistory } from './seen-history.js';
import { SimulatedBooker } from './simulated-booker.js';
import type { SimulatedCall } from './simulated-call.js';
import { SimulatedCaller } from './simulated-caller.js';
import type { Trouble } from './simulated-event-log.js';
import { SimulatedOperator } from './simulated-operator.js';
import { SimulatedServer } from './simulated-server.js';
import { SimulatedStore } from './simulated-store.js';
import { SimulatedWatcher } from './simulated-watcher.js';
import { attributes, bench, named, request, requirement, RULES } from './specs.js';
import type { VirtualTime } from './virtual-time.js';
import type { World } from './world.js';

const SESSION_TTL_MS = 3_000;

const SETTINGS: LabSettings = {
  rules: { ...RULES, waiterGraceMs: 4_000, keepBackMs: 1_500, bookingNoticeMs: 1_000, openEndedMs: 800 },
  sessionTtlMs: SESSION_TTL_MS,
  snapshotEveryEntries: 12,
  logKeepMs: 4_000,
  historyBounds: { bytes: 1 << 30, ageMs: 604_800_000 },
  warnBeforeMs: [1_000],
};

const BENCHES = [
  bench('b0', { attributes: attributes('any', 'even') }),
  bench('b1', { attributes: attributes('any') }),
  bench('b2', { attributes: attributes('any', 'even') }),
];
const ANY = requirement({ attributes: ['any'] });
const WISHES: readonly (readonly Requirement[])[] = [
  [ANY],
  [ANY],
  [requirement({ attributes: ['even'] })],
  [named('b0')],
  [named('b1')],
  [ANY, ANY],
  [named('b0'), named('b2')],
];
const HOLDS: readonly HoldMode[] = ['CONNECTION', 'CONNECTION', 'CONNECTION', 'TTL', 'MANUAL'];
const TROUBLES: readonly Trouble[] = ['slow', 'lost', 'late', 'answerLost', 'doubled'];
/** After all trouble some waiters are away for so many rounds of half a second. */
const AWAY_ROUNDS = 10;
/** Nobody waits for so many rounds who could be granted: what time changes is looked at sooner than that. */
const IDLE_ROUNDS = 3;
/** A story ends within so many rounds of 250 ms: some wait one after the other for what those who are gone keep for 8 s. */
const MOST_ROUNDS = 1_000;
/** So many callers have something to do at a time. */
const CALLERS = 7;

/** Servers of one lab on one store, their callers, watchers and an operator, in virtual time. */
export class SimulatedCluster implements World {
  readonly store: SimulatedStore;
  readonly history: SeenHistory;
  readonly log: CommittedLog;
  readonly operator: SimulatedOperator;
  readonly booker: SimulatedBooker;
  readonly watchers: readonly SimulatedWatcher[];
  readonly calls = new Set<SimulatedCall>();
  callers: SimulatedCaller[] = [];
  servers: SimulatedServer[] = [];
  losses = 0;
  /** What must not be, as it was found. */
  readonly faults: string[] = [];
  /** What happened. */
  readonly trace: string[] = [];
  readonly #names = new Map<string, string>();
  #asked = 0;

  constructor(
    readonly time: VirtualTime,
    readonly random: SeededRandom,
    size: number,
  ) {
    this.store = new SimulatedStore(time);
    this.history = new SeenHistory(time);
    this.log = new CommittedLog(this, SETTINGS.rules);
    this.operator = new SimulatedOperator(this);
    const bookable = [...BENCHES.map(({ name }) => name), 'x'];
    this.booker = new SimulatedBooker(this, bookable, (command) => this.operator.give(command));
    this.watchers = [new SimulatedWatcher(this), new SimulatedWatcher(this)];
    for (let i = 0; i < size; i++) this.#start();
  }

  get serving(): readonly SimulatedServer[] {
    return this.servers.filter(({ serves }) => serves);
  }

  wasGranted(lease: string, token: number): boolean {
    return this.log.wasGranted(lease, token);
  }

  note(what: string): void {
    this.trace.push(`${this.time.nowMs} ${this.#short(what)}`);
  }

  wrong(what: string): void {
    this.note(`WRONG: ${what}`);
    this.faults.push(`at ${this.time.nowMs}: ${this.#short(what)}`);
  }

  /** A caller does something, or there is a new one. */
  act(): void {
    const busy = this.callers.filter(({ phase }) => phase !== 'done');
    if (busy.length >= CALLERS || (busy.length > 0 && this.random.chance(0.7))) this.random.pick(busy).act();
    else this.#newCaller();
  }

  /** The operator does something about a request or a bench. */
  operate(): void {
    const { random, operator } = this;
    const by = { name: 'olga', operator: true };
    const { requestId } = this.callers.length === 0 ? { requestId: 'r0' } : random.pick(this.callers.slice(-8)).spec;
    const name = random.pick(BENCHES).name;
    const state = random.pick(['READY', 'READY', 'READY', 'MAINTENANCE', 'OFFLINE'] as const);
    random.pick([
      () => operator.give({ kind: 'transfer', requestId, by, newOwner: 'carol', hold: random.pick(['TTL', 'MANUAL']) }),
      () => operator.give({ kind: 'revoke', requestId, by }),
      () => operator.give({ kind: 'extend', requestId, by, durationMs: 2_000 }),
      () => operator.give({ kind: 'cancel', requestId, by }),
      () => operator.give({ kind: 'prioritise', requestId, priority: random.int(101) }),
      () => operator.give({ kind: 'setCondition', name, state, reason: 'why' }),
      () => operator.give({ kind: 'finishCleaning', name: 'x', token: random.pick(['right', 'right', 'wrong']) }),
      () =>
        operator.give({
          kind: 'createBench',
          spec: bench('x', { attributes: attributes('any'), recycle: 'CLEAN' }),
          origin: 'inventory',
        }),
      () => operator.give({ kind: 'deleteBench', name: 'x', force: random.chance(0.5) }),
      () =>
        operator.give({
          kind: 'updateBench',
          spec: bench('b1', { attributes: attributes('any', `n${random.int(3)}`) }),
          etag: 'none',
          settled: [],
        }),
      () => operator.give({ kind: 'announce', name: 'b1', said: { labels: { at: `port-${random.int(3)}` } } }),
      () => operator.repeat(),
      () => operator.repeat(),
    ])();
  }

  /** A watcher goes on by another server, or waits a while. */
  watch(): void {
    const watcher = this.random.pick(this.watchers);
    if (this.random.chance(0.4) || this.serving.length === 0) watcher.stop();
    else watcher.watch(this.random.pick(this.serving));
  }

  pause(): void {
    const server = this.random.pick(this.servers);
    this.note(`${server.log.session} is stopped`);
    server.pause();
  }

  resume(): void {
    const server = this.random.pick(this.servers);
    if (server.process.paused) this.note(`${server.log.session} goes on`);
    server.resume();
  }

  /** A server ends, and another one starts. */
  replace(): void {
    const server = this.random.pick(this.servers);
    this.servers = this.servers.filter((one) => one !== server);
    this.note(`${server.log.session} ends`);
    if (this.random.chance(0.5)) server.kill();
    else server.stop();
    this.#start();
  }

  /** From now on some of a server's calls to the store go wrong. */
  disturb(): void {
    const { random } = this;
    const share = random.pick([0.1, 0.5, 1]);
    const { log } = random.pick(this.servers);
    this.note(`${log.session} has trouble with its calls (${share})`);
    log.trouble = () => (random.chance(share) ? random.pick(TROUBLES) : 'none');
  }

  calm(): void {
    this.note('all is calm');
    for (const { log } of this.servers) log.trouble = () => 'none';
  }

  freeze(): void {
    this.note('the store is frozen');
    this.store.freeze();
  }

  thaw(): void {
    if (this.store.frozen) this.note('the store goes on');
    this.store.thaw();
  }

  backUp(): void {
    this.store.backUp();
    this.log.backUp();
  }

  /** The store comes back with its last copy, or with nothing. */
  loseData(all: boolean): void {
    this.note(all ? 'the store is empty' : 'the store goes back to its copy');
    this.time.nowMs += 10;
    this.losses++;
    this.log.goBack(all);
    this.history.storeLost();
    this.operator.storeLost();
    if (all) this.store.lose();
    else this.store.goBack();
  }

  /** Ends all trouble, and lets time pass until everything has come to rest; then nothing may be left undone. */
  async heal(): Promise<void> {
    this.store.thaw();
    this.calm();
    for (const server of this.servers) server.resume();
    const away = this.callers.filter(({ phase }) => phase === 'asking' && this.random.chance(0.5));
    for (const one of away) one.hangUp();
    let idle = new Map<string, number>();
    for (let round = 0; round < 24; round++) {
      await this.#rest(500, round < AWAY_ROUNDS ? away : []);
      idle = new Map(grantable(this, SETTINGS.rules).map((id) => [id, (idle.get(id) ?? 0) + 1]));
      for (const [id, rounds] of idle)
        if (rounds > IDLE_ROUNDS) this.wrong(`${id} waits, and could have what it wants`);
      if (round === AWAY_ROUNDS - 1) checkTimes(this, SETTINGS.rules, this.servers);
      if (this.faults.length > 0) return;
    }
    for (const watcher of this.watchers) watcher.watch(this.random.pick(this.serving));
    // What a deadline ends is committed a moment before every server has it.
    for (let last = -1; last !== this.store.last;) {
      last = this.store.last;
      await this.time.pass(200);
    }
    checkRest(this, SETTINGS.rules, this.servers, this.callers);
    for (let round = 0; round < MOST_ROUNDS && !this.#isOver(); round++) {
      for (const one of this.callers) if (one.phase === 'holding') one.finish();
      this.#clear();
      await this.#rest(250);
    }
    if (!this.#isOver()) this.wrong(`something is left: ${JSON.stringify(this.#left())}`);
    for (const violation of this.history.violations([])) this.wrong(violation);
    if (this.store.locks.size > 0) this.wrong(`benches are locked: ${[...this.store.locks.keys()].join(' ')}`);
  }

  /** All callers do what they must to keep what they have, but for those that are away. */
  async #rest(ms: number, away: readonly SimulatedCaller[] = []): Promise<void> {
    for (const one of this.callers) {
      one.release();
      if (away.includes(one)) continue;
      if (one.call === undefined && one.needsStream) one.connect();
      else if (one.phase === 'holding') one.keep();
    }
    await this.time.pass(ms);
    this.history.expire();
  }

  /** Ends the leases that no caller will give back (of other owners, and out of an old copy), and puts benches in order. */
  #clear(): void {
    const known = new Set(this.callers.filter(({ phase }) => phase === 'holding').map(({ leaseId }) => leaseId));
    const state = this.#someState();
    for (const { id, spec, hold } of state.leases.values()) {
      const by = { name: 'olga', operator: true };
      if (hold === 'MANUAL' && !known.has(id)) this.operator.give({ kind: 'revoke', requestId: spec.requestId, by });
    }
    for (const { spec, condition, cleaning } of state.benches.values()) {
      const ready = { kind: 'setCondition', name: spec.name, state: 'READY', reason: '' } as const;
      if (condition.state !== 'READY') this.operator.give(ready);
      if (cleaning !== 0) this.operator.give({ kind: 'finishCleaning', name: spec.name, token: 'right' });
    }
  }

  #someState(): LabState {
    return this.servers[0]?.lab.state ?? new LabState(SETTINGS.rules);
  }

  #left(): string[] {
    const state = this.#someState();
    return [
      ...this.callers.filter(({ phase }) => phase !== 'done').map(({ spec, phase }) => `${spec.requestId} is ${phase}`),
      ...Array.from(state.requests.keys(), (id) => `${id} waits`),
      ...Array.from(state.leases.values(), ({ id, hold }) => `${id} is held (${hold})`),
    ];
  }

  #isOver(): boolean {
    return this.#left().length === 0;
  }

  #start(): void {
    this.servers.push(new SimulatedServer(this, SETTINGS, BENCHES));
  }

  #newCaller(): void {
    const { random } = this;
    const id = `r${++this.#asked}`;
    const hold = random.pick(HOLDS);
    const { bookings } = this.booker;
    const booked = bookings.length > 0 && random.chance(0.3) ? random.pick(bookings) : undefined;
    const wish = booked !== undefined && random.chance(0.6) ? [] : random.pick(WISHES);
    const spec = request(id, wish, {
      owner: random.pick(booked?.owners ?? ['ann', 'bob', 'cem']),
      ...(booked !== undefined && { booking: booked.id }),
      hold,
      priority: random.pick([0, 50, 50, 50, 51, 100]),
      graceMs: random.pick([0, 0, 500, 4_000, 8_000]),
      ...(hold === 'TTL' && { ttlMs: random.pick([1_500, 4_000]) }),
      ...(hold === 'MANUAL' && random.chance(0.5) && { unattended: true }),
      ...(random.chance(0.2) && { waitMs: random.pick([0, 500, 3_000]) }),
      ...(random.chance(0.1) && { maxDurationMs: random.pick([300, 2_000]) }),
    });
    const caller = new SimulatedCaller(spec, this, this.calls);
    this.callers.push(caller);
    caller.connect();
  }

  /** With short names for ids, which are made by a chance that no seed repeats. */
  #short(text: string): string {
    return text.replace(/(ls|se)-[0-9a-z]{16}/g, (id, kind: string) => {
      const name = this.#names.get(id) ?? `${kind}${this.#names.size}`;
      this.#names.set(id, name);
      return name;
    });
  }
}
