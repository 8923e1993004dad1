import { BerthError } from '@berth/kernel';
import { planAcquire } from '../src/domain/commands/acquire.js';
import { planRelease } from '../src/domain/commands/leases.js';
import { planDetach, planDue, planSessionLost } from '../src/domain/commands/streams.js';
import { Draft } from '../src/domain/draft.js';
import type { Lease, Waiting } from '../src/domain/entities.js';
import type { LeaseEvent } from '../src/domain/events.js';
import type { EndReason, GoneReason, LabRules, RequestSpec } from '../src/domain/model.js';
import type { Change } from '../src/domain/change.js';
import { LabState } from '../src/domain/state.js';
import type { Step } from '../src/domain/steps.js';
import type { SimulatedAppend, SimulatedEntry, SimulatedLog } from './simulated-log.js';

/** A caller's end of a stream. */
export interface Stream {
  readonly spec: RequestSpec;
  /** Its request holds: may come again, for the same lease. */
  granted(leaseId: string, token: number): void;
  /** Its request is over, waiting or holding. */
  ended(): void;
  /** The connection broke: nothing was said about the request. */
  broken(): void;
}

interface Command {
  readonly plan: (draft: Draft) => unknown;
  readonly settled?: () => void;
  readonly failed?: (error: BerthError) => void;
  /** The store refused a step of it. Default: it was not meant to be. */
  readonly refused?: (step: Step) => void;
}

/** An append on its way. */
export interface Flight {
  readonly commands: readonly { readonly command: Command; readonly error: BerthError | undefined }[];
  readonly expected: number;
  readonly events: readonly LeaseEvent[];
  readonly steps: readonly Step[];
  result: SimulatedAppend | undefined;
}

export const SESSION_TTL_MS = 3_000;

/** A server process: follows the log, plans, appends, and plans again when it was not the first. One thing a step. */
export class SimulatedReplica {
  state: LabState;
  session = '';
  readonly streams = new Map<string, Stream>();
  /** Streams whose request was committed with this session: from then on they keep it. */
  readonly #attached = new WeakSet<Stream>();
  #pending: Command[] = [];
  #flight: Flight | undefined;
  #alone = false;

  constructor(
    readonly log: SimulatedLog,
    readonly rules: LabRules,
    readonly newId: (what: string) => string,
  ) {
    this.state = new LabState(rules);
    this.#openSession();
    this.#reload();
  }

  get idle(): boolean {
    return this.#flight === undefined && this.#pending.length === 0 && this.state.revision === this.log.last;
  }

  submit(command: Command): void {
    this.#pending.push(command);
  }

  open(stream: Stream): void {
    const { requestId } = stream.spec;
    this.streams.set(requestId, stream);
    this.#acquire(stream);
  }

  /** The caller ended its stream, or is found dead. Nothing when another stream took its place. */
  close(stream: Stream): void {
    const { session } = this;
    const { requestId } = stream.spec;
    if (this.streams.get(requestId) !== stream) return;
    this.streams.delete(requestId);
    this.submit({ plan: (draft) => planDetach(draft, requestId, session) });
  }

  release(leaseId: string, owner: string, token: number): void {
    const by = { actor: { name: owner, kind: 'caller' as const }, operator: false };
    this.submit({ plan: (draft) => planRelease(draft, leaseId, by, token), failed: ignore });
  }

  /** One thing at a time: others act in between, as over a network. */
  step(): void {
    const flight = this.#flight;
    if (flight === undefined) {
      this.#follow();
      this.#takeOff();
    } else if (flight.result === undefined) this.arrive(flight);
    else this.#land(flight, flight.result);
  }

  /** An append reaches the store. */
  arrive(flight: Flight): void {
    flight.result = this.log.append(flight.expected, flight.events, flight.steps);
  }

  /**
   * No answer to the append came: read on, and plan again. It may be committed or not; or only later, when what is
   * returned arrives.
   */
  giveUp(): Flight | undefined {
    const flight = this.#flight;
    if (flight === undefined) return undefined;
    this.#flight = undefined;
    this.#pending.unshift(...flight.commands.map(({ command }) => command));
    this.#follow();
    // As a copy: what comes of it is not this replica's to learn by an answer.
    return flight.result === undefined ? { ...flight } : undefined;
  }

  /** Prolongs the session. When it is gone the streams on it are broken: their callers come back by another one. */
  beat(): void {
    if (this.log.beat(this.session, SESSION_TTL_MS)) return;
    for (const stream of this.streams.values()) stream.broken();
    this.streams.clear();
    this.#openSession();
  }

  /** Proposes what time demands. */
  sweep(): void {
    if (this.#pending.length > 0 || this.#flight !== undefined) return;
    const { state, log } = this;
    const [requests, leases] = [[...state.requests.values()], [...state.leases.values()]];
    const sessions = new Set([...requests, ...leases].map((one) => one.session).filter((session) => session !== ''));
    for (const session of sessions) {
      if (!log.isAlive(session)) this.submit({ plan: (draft) => planSessionLost(draft, session), refused: ignore });
    }
    // Made by an append that came to nothing at first, or back from before its end with an older copy of the store: it
    // hangs on this session, but on no stream.
    for (const { spec, session } of [...requests, ...leases]) {
      const orphan = session === this.session && !this.streams.has(spec.requestId);
      const still = (): boolean => !this.streams.has(spec.requestId);
      if (orphan) this.submit({ plan: (draft) => (still() ? planDetach(draft, spec.requestId, session) : undefined) });
    }
    const over = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= log.nowMs;
    for (const { spec, detachedUntilMs, keptUntilMs, aside } of requests) {
      const keepBack = { kind: 'keepBack' as const, id: spec.requestId };
      if (over(keptUntilMs) && !aside) this.submit({ plan: (draft) => planDue(draft, keepBack) });
      const due = { kind: 'requestGrace' as const, id: spec.requestId };
      if (over(detachedUntilMs)) this.submit({ plan: (draft) => planDue(draft, due) });
    }
    for (const { id, detachedUntilMs, hold } of leases) {
      if (over(detachedUntilMs)) this.submit({ plan: (draft) => planDue(draft, { kind: 'leaseGrace', id }) });
      const expired = hold === 'TTL' && log.isOverdue(id);
      if (expired) this.submit({ plan: (draft) => planDue(draft, { kind: 'ttl', id }), refused: ignore });
    }
  }

  #openSession(): void {
    this.session = this.newId('session');
    this.log.openSession(this.session, SESSION_TTL_MS);
  }

  #acquire(stream: Stream): void {
    const { requestId } = stream.spec;
    const isOpen = (): boolean => this.streams.get(requestId) === stream;
    this.submit({
      // A stream that broke meanwhile asks for nothing.
      plan: (draft) => (isOpen() ? planAcquire(draft, stream.spec, this.session) : undefined),
      settled: () => {
        this.#attached.add(stream);
        const lease = this.state.leaseOf.get(requestId);
        if (isOpen() && lease !== undefined) this.#tellGranted(stream, lease.id, lease.token);
        else if (isOpen() && !this.state.requests.has(requestId)) this.#tellEnded(requestId);
      },
      failed: () => {
        if (isOpen()) stream.broken();
        this.streams.delete(requestId);
      },
      // The id is remembered, but neither waits nor holds: it is over.
      refused: (step) => {
        if (step.kind === 'fresh') this.#tellEnded(requestId);
      },
    });
  }

  #follow(): void {
    if (!this.log.continues(this.state.revision)) this.#reload();
    for (const entry of this.log.read(this.state.revision)) this.#apply(entry);
  }

  /** Reads everything anew: what is not there any more was lost, and is asked for again or told to be over. */
  #reload(): void {
    const before = this.state;
    this.state = new LabState(this.rules);
    for (const { events, first } of this.log.read(0)) events.forEach((event, i) => this.state.apply(event, first + i));
    for (const [requestId, stream] of this.streams) {
      const stands = this.state.requests.has(requestId) || this.state.leaseOf.has(requestId);
      if (before.leaseOf.has(requestId) && !this.state.leaseOf.has(requestId)) this.#tellEnded(requestId);
      else if (!stands) this.#acquire(stream);
    }
  }

  #apply({ events, first }: SimulatedEntry): void {
    for (const change of events.flatMap((event, i) => this.state.apply(event, first + i))) this.#tell(change);
  }

  #tell(change: Change): void {
    if (change.kind === 'requestPut') this.#tellTakenOver(change.request);
    if (change.kind === 'leasePut') {
      const { id, token, spec } = change.lease;
      if (change.lease.hold === 'CONNECTION') this.#tellTakenOver(change.lease);
      const stream = this.streams.get(spec.requestId);
      if (stream !== undefined) this.#tellGranted(stream, id, token);
    }
    if (change.kind === 'leaseEnded') this.#tellGone(change.lease, change.reason);
    if (change.kind === 'requestGone') this.#tellGone(change.request, change.reason);
  }

  #tellGone({ spec: { requestId }, session, detachedUntilMs }: Waiting | Lease, reason: EndReason | GoneReason): void {
    const stream = this.streams.get(requestId);
    const keeps = stream !== undefined && this.#attached.has(stream) && session === this.session;
    if (keeps && detachedUntilMs === undefined && reason === 'DISCONNECTED') {
      throw new Error(`${requestId} was disconnected, but has a stream`);
    }
    this.#tellEnded(requestId);
  }

  /** The caller came by another replica, which has the stream that counts. */
  #tellTakenOver({ spec: { requestId }, session }: { readonly spec: RequestSpec; readonly session: string }): void {
    const stream = this.streams.get(requestId);
    if (stream === undefined || session === this.session) return;
    this.streams.delete(requestId);
    stream.broken();
  }

  #tellGranted(stream: Stream, leaseId: string, token: number): void {
    if (stream.spec.hold === 'TTL') this.streams.delete(stream.spec.requestId);
    stream.granted(leaseId, token);
  }

  #tellEnded(requestId: string): void {
    this.streams.get(requestId)?.ended();
    this.streams.delete(requestId);
  }

  #takeOff(): void {
    if (this.#pending.length === 0) return;
    const draft = new Draft(this.state, this.log.nowMs, () => this.newId('lease'));
    const commands = this.#pending.splice(0, this.#alone ? 1 : 4).map((command) => {
      try {
        draft.attempt(() => command.plan(draft));
        return { command, error: undefined };
      } catch (error) {
        if (error instanceof BerthError) return { command, error };
        throw error;
      }
    });
    draft.finish();
    const { events, steps } = draft;
    const flight: Flight = { commands, expected: this.state.revision, events, steps, result: undefined };
    if (events.length === 0 && steps.length === 0) this.#settle(flight);
    else this.#flight = flight;
  }

  #land(flight: Flight, result: SimulatedAppend): void {
    this.#flight = undefined;
    if (result.outcome === 'committed') {
      this.#alone = false;
      // Others' entries can't be in between: the append was made on the revision that this state has.
      this.#apply(result.entry);
      this.#settle(flight);
      return;
    }
    const again = flight.commands.map(({ command }) => command);
    const [only] = again;
    if (result.outcome === 'refused' && only !== undefined && again.length === 1) {
      this.#alone = false;
      this.#refused(only, result.step);
      return;
    }
    // Which of several was refused is found by planning them one by one.
    this.#alone ||= result.outcome === 'refused';
    this.#pending.unshift(...again);
    this.#follow();
  }

  #refused(command: Command, step: Step): void {
    if (step.kind === 'sessionAlive') {
      // The caller's server process is gone: say so first, then plan again.
      const { session } = step;
      this.#pending.unshift({ plan: (draft) => planSessionLost(draft, session), refused: ignore }, command);
    } else if (command.refused !== undefined) command.refused(step);
    else throw new Error(`the store refused ${JSON.stringify(step)}: log and locks disagree`);
  }

  #settle({ commands }: Flight): void {
    for (const { command, error } of commands) {
      if (error === undefined) command.settled?.();
      else command.failed?.(error);
    }
  }
}

function ignore(): void {
  // What was proposed is not so any more, or somebody else did it first.
}
