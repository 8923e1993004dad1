import type { Clock, Logger } from '@berth/kernel';
import { BerthError, SYSTEM } from '@berth/kernel';
import type { Change, Lease, RequestSpec } from '../domain/index.js';
import { planAcquire, planDetach, transferredError } from '../domain/index.js';
import { Arrivals } from './arrivals.js';
import { Attachment } from './attachment.js';
import { Attachments } from './attachments.js';
import type { AcquireSink, CallEnd } from './acquire-sink.js';
import type { Command } from './command.js';
import type { Lab } from './lab.js';
import { Heartbeats } from './heartbeats.js';
import type { Hanging } from './hanging.js';
import { hanging } from './hanging.js';
import {
  endedUntold,
  goneError,
  hungUp,
  shuttingDown,
  SHUTS_DOWN,
  takenOver,
  throwEnd,
  wentOnElsewhere,
} from './lost-request.js';
import { QueueUpdates } from './queue-updates.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';
import type { Session } from './session.js';

/** After the store could not be reached. */
const AGAIN_MS = 1000;

export interface StreamsDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly session: () => Pick<Session, 'id' | 'isOurs'>;
  readonly sessionTtlMs: number;
  readonly remainingMs: (lease: Lease) => number | undefined;
  readonly watchLease: Lab['watchLease'];
}

/** The Acquire streams of this process: attaches them to their requests, and tells them what becomes of these. */
export class Streams implements ReplicaListener {
  readonly #deps: StreamsDeps;
  readonly #attachments = new Attachments();
  readonly #arrivals = new Arrivals();
  readonly #updates: QueueUpdates;
  readonly #heartbeats: Heartbeats;
  #stopped = false;
  /** Set once callers are sent elsewhere; called when the last one has gone. */
  #whenGone: (() => void) | undefined;
  #goneAtMs = 0;

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
    this.#updates = new QueueUpdates(deps.replica, deps.clock);
    this.#heartbeats = new Heartbeats(deps, () => this.#attachments);
  }

  /** True when no stream hangs on the lab. */
  get idle(): boolean {
    return this.#attachments.isEmpty && this.#arrivals.isEmpty;
  }

  start(): void {
    this.#heartbeats.start();
  }

  /**
   * Sends callers to another process of the same log: warns those who hold, and those who wait, since they may be granted a
   * bench any moment, and keeps their streams. Takes nobody new, but for those whose place is being written: it may be a lease
   * that they hold already, on its way here. Resolves when none hangs on this process any more, or after `withinMs`.
   */
  async handOver(withinMs: number): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.#whenGone = resolve));
    const { clock } = this.#deps;
    this.#goneAtMs = clock.monotonic() + withinMs;
    for (const attachment of [...this.#attachments]) this.#sendElsewhere(attachment);
    const timer = clock.after(withinMs, () => this.#whenGone?.());
    this.#goIfEmpty();
    await gone;
    timer.cancel();
  }

  /** Tells every stream to come back, and ends it. */
  stop(): void {
    this.#stopped = true;
    this.#heartbeats.stop();
    this.#updates.stop();
    for (const attachment of this.#attachments) {
      const isWarned = this.#whenGone !== undefined;
      if (attachment.leaseId !== '' && !isWarned) attachment.sink.warning('SHUTDOWN', undefined, SHUTS_DOWN);
      attachment.reject(shuttingDown());
    }
    this.#attachments.clear();
  }

  /** See Lab.acquire. */
  async acquire(spec: RequestSpec, sink: AcquireSink, call: CallEnd): Promise<void> {
    if (call.over) return;
    const attachment = new Attachment(spec, sink);
    await this.#arrive(attachment, call);
    // From here on there may be a place or a lease that must not outlive the stream.
    call.onOver(() => {
      this.#drop(attachment);
    });
    await attachment.done;
  }

  /** Commands that attach all streams to this process's session anew. */
  reattach(): readonly Command<unknown>[] {
    return [...this.#attachments].map((attachment) => this.#reattachCommand(attachment));
  }

  /** Attaches all streams to this process's session anew, until it is done or they are told why it can't be. */
  attachAgain(): void {
    for (const attachment of this.#attachments) this.#attachAgain(attachment);
  }

  applied(changes: readonly Change[]): void {
    for (const change of changes) this.#tell(change);
    this.#updates.mark();
  }

  /**
   * The store lost something: leases that are not there any more have ended. Waiters that are not there any more queue up
   * again, but only when the lab has benches again (see `attachAgain`): an empty one would refuse them.
   */
  reloaded(): void {
    const { state } = this.#deps.replica;
    for (const attachment of [...this.#attachments]) {
      const lease = state.leaseOf.get(attachment.spec.requestId);
      if (attachment.leaseId === '' && lease !== undefined) this.#grant(attachment, lease);
      // An older copy may know the request as one that still waits: its caller thinks that it holds.
      else if (attachment.leaseId !== (lease?.id ?? '')) {
        this.#end(attachment, 'STORE_LOST', 'the store lost its data, and the lease with it');
      }
    }
    for (const { spec } of [...state.requests.values(), ...state.leases.values()]) this.#detachOrphan(spec.requestId);
    this.#updates.mark();
  }

  /** Submits a caller's Acquire, and leaves nothing behind when that fails. */
  async #arrive(attachment: Attachment, call: CallEnd): Promise<void> {
    const { requestId } = attachment.spec;
    this.#arrivals.add(requestId);
    try {
      await this.#deps.replica.submit(this.#acquireCommand(attachment, call));
    } finally {
      this.#arrivals.delete(requestId);
      this.#detachOrphan(requestId);
      this.#goIfEmpty();
    }
  }

  /**
   * The answer is the lease that the request holds; '' = it waits. Asked when it is planned whether the caller is there: a
   * server that was stopped reads what its caller wanted, and right after it that the caller has hung up. By then the
   * caller holds through another server, and a stream that nobody reads would take its lease over, and end it.
   *
   * A caller who comes back while an append without an answer may still be taken is attached by an event. Its stream ends, the
   * append that detaches it gets no answer; it is back on another stream, the lease hangs on this session, and so nothing
   * changes; two seconds later the append reaches the store, on the revision that it names, and takes a lease from a holder who
   * is there. The event makes it a conflict.
   */
  #acquireCommand(attachment: Attachment, call: CallEnd): Command<string> {
    const { spec } = attachment;
    return {
      requestId: spec.named ? spec.requestId : '',
      fingerprint: spec.fingerprint,
      plan: (draft) => {
        if (call.over) throw hungUp(spec.requestId);
        if (this.#whenGone !== undefined) throw shuttingDown();
        const { replica, session } = this.#deps;
        return planAcquire(draft, spec, session().id, replica.lateMayCome);
      },
      again: (answer) => throwEnd(spec, answer),
      told: (leaseId) => {
        this.#attach(attachment, leaseId);
      },
    };
  }

  /**
   * Tells whether the stream is the one that the request hangs on. Only a call takes over, never a stream that is there: a
   * server is paused, its caller hangs up, which it cannot read, and comes back through another server. When it goes on it
   * takes a new session, and would take the lease from its holder for a stream that nobody reads, and end it when it reads so.
   * Whoever reads the stream after all calls again.
   */
  #reattachCommand(attachment: Attachment): Command<boolean> {
    const { spec } = attachment;
    const { requestId, fingerprint } = spec;
    return {
      requestId: '',
      fingerprint,
      plan: (draft) => {
        // It may have been told of its end since this was submitted; and what it held can't be asked for again.
        const gone = attachment.leaseId !== '' && !draft.state.leaseOf.has(requestId);
        if (gone || !this.#isAttached(attachment)) return true;
        const at = hanging(draft.state, requestId);
        if (at !== undefined && this.#isElsewhere(attachment, at)) return false;
        planAcquire(draft, spec, this.#deps.session().id);
        return true;
      },
      again: (answer) => throwEnd(spec, answer),
      told: (isHere) => {
        if (!isHere) this.#close(attachment, wentOnElsewhere(requestId));
      },
    };
  }

  #attachAgain(attachment: Attachment): void {
    const { replica, clock, logger } = this.#deps;
    if (!this.#isAttached(attachment)) return;
    replica.submit(this.#reattachCommand(attachment)).catch((error: unknown) => {
      const { requestId } = attachment.spec;
      const passing = !(error instanceof BerthError) || error.reason === 'STORE_UNAVAILABLE';
      logger.warn(
        { err: error, requestId },
        passing ? 'a stream could not be attached again; trying again' : 'a stream lost its place',
      );
      if (passing) clock.after(AGAIN_MS, () => this.#attachAgain(attachment));
      else if (this.#isAttached(attachment)) this.#close(attachment, error);
    });
  }

  #isAttached(attachment: Attachment): boolean {
    return this.#attachments.has(attachment);
  }

  /**
   * Called in the turn in which the command is committed, so that no change can come between. But what was committed with it
   * has been applied: when that ended or transferred what the command got, the caller is told so. So in one batch: an
   * Acquire that finds its lease L1, a Transfer of L1 to somebody else, who then holds L2 from the same request. The caller
   * is told the end of L1, and nothing of L2.
   *
   * Nor is a grant told whose answer came when this server had ended its session: others have given up what hung on it.
   */
  #attach(attachment: Attachment, leaseId: string): void {
    if (this.#stopped) throw shuttingDown();
    const { requestId, owner, unattended = false } = attachment.spec;
    const { state } = this.#deps.replica;
    // A request that waited may have been granted later in the batch.
    const lease = leaseId === '' ? state.leaseOf.get(requestId) : state.leases.get(leaseId);
    const request = state.requests.get(requestId);
    if (lease?.owner !== owner && request === undefined) throw this.#arrivals.endOf(requestId);
    const older = unattended ? [] : this.#attachments.of(requestId);
    for (const one of older) this.#close(one, takenOver(requestId));
    this.#attachments.add(attachment);
    if (lease !== undefined) this.#grant(attachment, lease);
    else {
      this.#updates.add(attachment);
      if (attachment.sink.tellOnce === true) this.#close(attachment);
      // The session ran out while the command was on its way.
      else if (!unattended && request?.session !== this.#deps.session().id) this.#attachAgain(attachment);
    }
    if (this.#whenGone !== undefined && this.#isAttached(attachment)) this.#sendElsewhere(attachment);
  }

  /**
   * Tells a grant to its owner. Not one that is over already: its end is told next. Nor one that hangs on a session that is
   * over: after a pause this process applies first what was granted, and only then that it has ended long since, and that
   * the bench is somebody else's. The attachment to the new session tells the grant, or its end is told.
   */
  #grant(attachment: Attachment, lease: Lease): void {
    if (lease.owner !== attachment.spec.owner) {
      this.#close(attachment, transferredError(lease));
      return;
    }
    if (!this.#deps.replica.state.leases.has(lease.id)) return;
    if (lease.hold === 'CONNECTION' && lease.session !== this.#deps.session().id) {
      this.#attachAgain(attachment);
      return;
    }
    this.#updates.delete(attachment);
    attachment.leaseId = lease.id;
    attachment.sentMs = this.#deps.clock.monotonic();
    attachment.sink.granted(lease, this.#deps.remainingMs(lease));
    if (lease.hold === 'CONNECTION') attachment.unwatch = this.#deps.watchLease(lease, attachment.sink);
    else this.#close(attachment);
  }

  #tell(change: Change): void {
    this.#arrivals.noteEnd(change);
    if (change.kind === 'requestPut' || change.kind === 'requestGone') {
      const attachments = this.#attachments.of(change.request.spec.requestId);
      if (attachments.length === 0) this.#detachOrphan(change.request.spec.requestId);
      for (const attachment of attachments) {
        if (change.kind === 'requestGone') this.#close(attachment, goneError(change));
        else this.#checkSession(attachment, change.request);
      }
    } else if (change.kind === 'leasePut') {
      const attachments = this.#attachments.of(change.lease.spec.requestId);
      if (attachments.length === 0) this.#detachOrphan(change.lease.spec.requestId);
      for (const attachment of attachments) {
        if (attachment.leaseId === '') this.#grant(attachment, change.lease);
        else if (attachment.leaseId === change.lease.id) this.#checkSession(attachment, change.lease);
      }
    } else if (change.kind === 'leaseEnded') {
      for (const attachment of this.#attachments.of(change.lease.spec.requestId)) {
        if (attachment.leaseId === '') this.#close(attachment, endedUntold(change));
        if (attachment.leaseId !== change.lease.id) continue;
        attachment.sink.ended(change.lease.id, change.reason, change.actor, change.message, change.atMs);
        this.#close(attachment);
      }
    }
  }

  /**
   * The caller came back through another replica: the stream here is not its stream any more. A former session of this
   * process is no other replica: Redis came back empty, a place was planned on session s1, a beat finds s1 gone and takes
   * s2, and only then is the place applied, on s1. Its stream is being attached to s2 (`Session.attachAgain`).
   */
  #checkSession(attachment: Attachment, at: Hanging): void {
    if (this.#isElsewhere(attachment, at)) this.#close(attachment, takenOver(attachment.spec.requestId));
  }

  #isElsewhere({ spec }: Attachment, { session, detachedUntilMs }: Hanging): boolean {
    return spec.unattended !== true && detachedUntilMs === undefined && !this.#deps.session().isOurs(session);
  }

  #end(attachment: Attachment, reason: 'STORE_LOST', message: string): void {
    attachment.sink.ended(attachment.leaseId, reason, SYSTEM, message, this.#deps.replica.log.now());
    this.#close(attachment);
  }

  /** Ends a stream from our side; its place or lease is not touched. */
  #close(attachment: Attachment, error?: BerthError): void {
    this.#forget(attachment);
    if (error === undefined) attachment.resolve();
    else attachment.reject(error);
  }

  #forget(attachment: Attachment): boolean {
    this.#updates.delete(attachment);
    attachment.unwatch?.();
    const isDeleted = this.#attachments.delete(attachment);
    this.#goIfEmpty();
    return isDeleted;
  }

  #sendElsewhere(attachment: Attachment): void {
    // The place of an unattended request hangs on no stream.
    if (attachment.spec.unattended === true) this.#close(attachment, shuttingDown());
    else attachment.sink.warning('SHUTDOWN', this.#goneAtMs - this.#deps.clock.monotonic(), SHUTS_DOWN);
  }

  #goIfEmpty(): void {
    if (this.idle) this.#whenGone?.();
  }

  /** The caller's stream is gone. One that was taken over, ended by us, or is of an unattended request gives nothing up. */
  #drop(attachment: Attachment): void {
    const { requestId, unattended } = attachment.spec;
    if (this.#forget(attachment) && unattended !== true) this.#detach(requestId);
    attachment.resolve();
  }

  /**
   * Gives up a place or a lease that hangs on this process's session but on no stream, so that nobody would ever give it
   * up. There are two ways to it: an append that got no answer (its caller was told that the store is away) was committed
   * after all, perhaps much later, by a frozen store that goes on; or the store came back with an older copy. Those who
   * wait get the time to come back that they get when a server process is lost.
   */
  #detachOrphan(requestId: string): void {
    const { state } = this.#deps.replica;
    const at = hanging(state, requestId);
    if (at?.session !== this.#deps.session().id || at.detachedUntilMs !== undefined) return;
    if (!this.#isWanted(requestId)) this.#detach(requestId, state.rules.waiterGraceMs);
  }

  /** True when a stream hangs on the request, or is about to. */
  #isWanted(requestId: string): boolean {
    return this.#attachments.of(requestId).length > 0 || this.#arrivals.has(requestId);
  }

  /** Until it is done: a lease must not outlive its stream because the store was away for a moment. */
  #detach(requestId: string, leastGraceMs = 0): void {
    const { replica, clock, logger, session } = this.#deps;
    // Asked when it is planned: the caller may come back, on another stream, in the very same batch.
    const plan: Command<void>['plan'] = (draft) => {
      if (!this.#isWanted(requestId)) planDetach(draft, requestId, session().id, leastGraceMs);
    };
    replica.submit({ requestId: '', fingerprint: '', plan }).catch((error: unknown) => {
      // When the server stops, the end of its session does the same.
      if (error instanceof BerthError && error.reason === 'SHUTTING_DOWN') return;
      logger.warn({ err: error, requestId }, 'a stream that is gone could not be detached; trying again');
      clock.after(AGAIN_MS, () => {
        this.#detach(requestId, leastGraceMs);
      });
    });
  }
}
