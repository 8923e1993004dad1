import { BerthError } from '@berth/kernel';
import type { Command } from '../src/app/command.js';
import { planRelease } from '../src/domain/commands/leases.js';
import type { EndReason, Lease } from '../src/domain/index.js';
import type { RequestSpec } from '../src/domain/model.js';
import { caller } from './scene.js';
import type { Hearing } from './simulated-call.js';
import { SimulatedCall } from './simulated-call.js';
import type { Serving, World } from './world.js';

/** After these the caller comes back, with the same request id. */
const PASSING = ['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'REQUEST_TAKEN_OVER'];
/** After these it gets nothing any more. */
const FINAL = ['WAIT_TIMEOUT', 'REQUEST_CANCELLED', 'REQUEST_ENDED', 'BENCH_BUSY', 'BENCH_UNAVAILABLE'];
/** The same of those who spend a booking, which may be another one by now, or none. */
const FINAL_OF_BOOKINGS = ['NO_SUCH_BOOKING', 'NO_SUCH_BENCH', 'PERMISSION_DENIED', 'REQUEST_UNSATISFIABLE'];
/** A server finds a dead peer within this time. */
const HALF_OPEN_MS = 5_000;

/**
 * A caller that wants one lease: asks, hangs up, comes back by any server with the same request id, holds, renews, asks
 * again for what it holds, gives back. It believes what it was told last, and that only for as long as it was told.
 */
export class SimulatedCaller implements Hearing {
  phase: 'asking' | 'holding' | 'done' = 'asking';
  leaseId = '';
  /** The stream that it listens to. */
  call: SimulatedCall | undefined;
  /** When it last heard of its lease. */
  #heardMs = 0;
  #token = 0;
  /** It has given back by a call of which it has no answer yet. */
  #isReleasing = false;

  constructor(
    readonly spec: RequestSpec,
    readonly world: World,
    readonly calls: Set<SimulatedCall>,
  ) {
    world.history.asked(spec.requestId);
  }

  /** True when it holds by a stream, or waits. */
  get needsStream(): boolean {
    return this.phase === 'asking' || (this.phase === 'holding' && this.spec.hold === 'CONNECTION');
  }

  /** Does one thing or another. */
  act(): void {
    const { random } = this.world;
    if (this.phase === 'done') this.release();
    else if (this.call === undefined) {
      if (this.needsStream || random.chance(0.4)) this.connect();
      else if (random.chance(0.5)) this.finish();
      else this.keep();
    } else if (this.phase === 'holding') {
      if (random.chance(0.5)) this.finish();
      else if (random.chance(0.4)) this.comeBack();
    } else if (random.chance(0.1)) this.finish();
    else if (random.chance(0.3)) this.comeBack();
  }

  /** Opens a stream by any server; the one it had goes on until the server learns that nobody listens. */
  connect(): void {
    const serving = this.#anyServing();
    if (serving === undefined || this.phase === 'done') return;
    this.hangUp();
    const call = new SimulatedCall(this.spec, serving, this);
    this.call = call;
    this.world.note(`${this.spec.requestId} asks by ${serving.name}`);
    serving.calls.add(call);
    serving.ask(this.world.random.int(20), () => {
      this.calls.add(call);
      void call.arrive(this.calls);
      // After a pause the server reads that the caller is gone right after it read what it wanted.
      if (call.isLeft) call.hungUp();
    });
  }

  /** Renews what needs it. */
  keep(): void {
    if (this.spec.hold === 'TTL') void this.#renew();
  }

  /** Hangs up and asks again at once, as after a short break. */
  comeBack(): void {
    if (this.phase === 'holding' && this.spec.graceMs === 0) return;
    this.hangUp();
    if (this.world.random.chance(0.8)) this.connect();
  }

  hangUp(): void {
    const { call, world } = this;
    this.call = undefined;
    if (call === undefined) return;
    world.note(`${this.spec.requestId} hangs up`);
    this.#cutOff();
    const delayMs = world.random.chance(0.3) ? world.random.int(HALF_OPEN_MS) : world.random.int(5);
    call.isLeft = true;
    call.serving.ask(delayMs, () => call.hungUp());
  }

  /** Gives up what it has, or goes away for good. */
  finish(): void {
    const { history, random } = this.world;
    const { requestId, hold } = this.spec;
    if (this.phase === 'asking') history.told(requestId);
    if (this.phase === 'holding') history.end('released', this.leaseId);
    this.#isReleasing = this.phase === 'holding' && (hold !== 'CONNECTION' || random.chance(0.3));
    this.phase = 'done';
    this.release();
    this.hangUp();
  }

  /** Who held and is told that it waits has lost its lease: a store that came back empty took it for a new request. */
  queued(call: SimulatedCall): void {
    if (call === this.call && this.phase === 'holding') this.#lose();
  }

  granted(call: SimulatedCall, lease: Lease, remainingMs: number | undefined): void {
    const { world, spec } = this;
    const { id, owner, token, benches } = lease;
    if (owner !== spec.owner) world.history.wrong(`${spec.owner} was granted lease ${id} of ${owner}`);
    if (!world.wasGranted(id, token)) world.history.wrong(`${id} was granted and is not in the log`);
    // Of a lease that it lost before it may not know yet.
    world.history.expire();
    if (call !== this.call || this.phase === 'done') return;
    const isLate = remainingMs !== undefined && remainingMs <= 0;
    if (remainingMs === undefined && spec.hold !== 'MANUAL') {
      world.history.wrong(`${spec.requestId} was granted ${id}, and nothing was said of how long that is valid`);
    }
    world.note(`${spec.requestId} is told that it holds ${id} for ${remainingMs ?? 'ever'}`);
    if (isLate) {
      this.#lose();
      return;
    }
    this.phase = 'holding';
    this.leaseId = id;
    this.#token = token;
    this.#heardMs = world.time.nowMs;
    const names = benches.map(({ spec: { name } }) => name);
    const seen = { lease: id, token, benches: names, lasting: spec.hold !== 'CONNECTION' };
    world.history.granted(spec.requestId, seen, this.#heardMs + (remainingMs ?? Infinity), () => this.#expired());
  }

  heartbeat(call: SimulatedCall, remainingMs: number | undefined): void {
    if (call !== this.call || this.phase !== 'holding' || remainingMs === undefined) return;
    // It cannot know how long the message was under way: as the client does.
    this.world.history.validUntil(this.leaseId, this.#heardMs + 0.9 * remainingMs);
    this.#heardMs = this.world.time.nowMs;
  }

  ended(call: SimulatedCall, leaseId: string, reason: EndReason): void {
    if (call !== this.call) return;
    this.world.note(`${this.spec.requestId} is told that ${leaseId} ended: ${reason}`);
    this.#lose();
  }

  over(call: SimulatedCall, error: unknown, broken = false): void {
    this.calls.delete(call);
    if (call !== this.call) return;
    this.call = undefined;
    const { world, spec } = this;
    const connectionOnly = spec.hold === 'CONNECTION' && spec.graceMs === 0;
    if (this.phase === 'holding' && connectionOnly && (broken || error !== undefined)) this.#lose();
    this.#cutOff();
    if (error === undefined) return;
    const { reason, message } =
      error instanceof BerthError
        ? error
        : { reason: 'none', message: JSON.stringify(error, Object.getOwnPropertyNames(error)) };
    world.note(`${spec.requestId} is told ${reason}`);
    if (reason === 'REQUEST_TAKEN_OVER' && spec.unattended === true) {
      world.wrong(`${spec.requestId} is unattended, and a stream of it was told that another one took over`);
    }
    if (reason === 'REQUEST_TAKEN_OVER' && call.rivals.size === 0) {
      world.wrong(`${spec.requestId} was told that it goes on in a newer stream, and there is none`);
    }
    const isFinal = FINAL.includes(reason) || (spec.booking !== undefined && FINAL_OF_BOOKINGS.includes(reason));
    if (isFinal) this.#lose();
    else if (!PASSING.includes(reason)) {
      world.wrong(`${spec.requestId} was refused: ${message}`);
      this.#lose();
    } else if (this.phase === 'asking' && world.random.chance(0.1)) this.finish();
  }

  /** Its stream is gone: what hangs on it is kept for the grace. */
  #cutOff(): void {
    const { spec, world } = this;
    if (this.phase === 'holding' && spec.hold === 'CONNECTION') {
      world.history.validAtMost(this.leaseId, world.time.nowMs + spec.graceMs);
    }
  }

  #lose(): void {
    if (this.phase === 'holding') this.world.history.end('lost', this.leaseId);
    else if (this.phase === 'asking') this.world.history.told(this.spec.requestId);
    this.phase = 'done';
    this.hangUp();
  }

  /** Its validity is over. */
  #expired(): void {
    this.world.note(`${this.spec.requestId} does not know ${this.leaseId} to be valid any longer`);
    this.#lose();
  }

  /** Gives back by any server what it has not given back for certain. */
  release(): void {
    const { leaseId, world, spec } = this;
    const serving = this.#anyServing();
    if (!this.#isReleasing || serving === undefined) return;
    const token = this.#token;
    serving.ask(world.random.int(20), () => {
      const plan: Command<boolean>['plan'] = (draft) => planRelease(draft, leaseId, caller(spec.owner), token);
      serving.lab.run({ requestId: '', fingerprint: '', plan }).then(
        () => (this.#isReleasing = false),
        () => undefined,
      );
    });
  }

  /** Renews by any server, as its handler does. */
  async #renew(): Promise<void> {
    const serving = this.#anyServing();
    if (serving === undefined) return;
    const { leaseId, world } = this;
    await new Promise<void>((resolve) => serving.ask(world.random.int(20), resolve));
    try {
      const { lab } = serving;
      await lab.stocked();
      if (!lab.state.leases.has(leaseId)) await lab.upToDate();
      const lease = lab.state.leases.get(leaseId);
      const [done] = lease === undefined ? [false] : await lab.touch([lease]);
      if (this.phase !== 'holding') return;
      if (done === true && lease !== undefined && lab.state.leases.get(leaseId) === lease) {
        world.history.validUntil(leaseId, world.time.nowMs + (lab.remainingMs(lease) ?? Infinity));
      } else this.#lose();
    } catch {
      // The store is away; it asks again, or its time is over.
    }
  }

  #anyServing(): Serving | undefined {
    const { random, serving } = this.world;
    return serving.length === 0 ? undefined : random.pick(serving);
  }
}
