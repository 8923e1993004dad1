import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Change, Lease, Planned, RequestSpec, Standing } from '../domain/index.js';
import { assertSameRequest, endedError, planAcquire, planDetach, standingOf, SYSTEM } from '../domain/index.js';
import type { Logger } from '../ports/environment.js';
import { Attachment } from './attachment.js';
import type { AcquireSink, CallEnd, Command, Lab } from './lab.js';
import { Heartbeats } from './heartbeats.js';
import { endedUntold, goneError, takenOver } from './lost-request.js';
import { QueueUpdates } from './queue-updates.js';
import type { Replica, ReplicaListener } from './replica.js';

/** After the store could not be reached. */
const AGAIN_MS = 1000;

const NOTHING: Planned<undefined> = { data: '', answer: () => undefined };

export interface StreamsDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly session: () => { readonly id: string; readonly validMs: number };
  readonly sessionTtlMs: number;
  readonly remainingMs: (lease: Lease) => number | undefined;
  readonly watchLease: Lab['watchLease'];
}

/** The Acquire streams of this process: attaches them to their requests, and tells them what becomes of these. */
export class Streams implements ReplicaListener {
  readonly #deps: StreamsDeps;
  readonly #attachments = new Map<string, Attachment>();
  /** How many Acquire calls are on their way to their place, by request id. */
  readonly #arriving = new Map<string, number>();
  readonly #updates: QueueUpdates;
  readonly #heartbeats: Heartbeats;

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
    this.#updates = new QueueUpdates(deps.replica, deps.clock);
    this.#heartbeats = new Heartbeats(deps, () => this.#attachments.values());
  }

  /** True when no stream hangs on the lab. */
  get idle(): boolean {
    return this.#attachments.size === 0 && this.#arriving.size === 0;
  }

  start(): void {
    this.#heartbeats.start();
  }

  /** Tells every stream to come back, and ends it. */
  stop(): void {
    this.#heartbeats.stop();
    this.#updates.stop();
    for (const attachment of this.#attachments.values()) {
      const text = 'the server shuts down; connect again with the same request_id';
      if (attachment.leaseId !== '') attachment.sink.warning('SHUTDOWN', undefined, text);
      attachment.reject(new BerthError('SHUTTING_DOWN', `${text}.`, { retryAfterMs: 500 }));
    }
    this.#attachments.clear();
  }

  /** See Lab.acquire. */
  async acquire(spec: RequestSpec, sink: AcquireSink, call: CallEnd): Promise<void> {
    if (call.over) return;
    const attachment = new Attachment(spec, sink);
    await this.#arrive(spec, (standing) => this.#attach(attachment, standing));
    // From here on there may be a place or a lease that must not outlive the stream.
    call.onOver(() => {
      this.#drop(attachment);
    });
    await attachment.done;
  }

  /** Commands that attach all streams to this process's session anew. */
  reattach(): readonly Command<unknown>[] {
    return [...this.#attachments.values()].map((attachment) => this.#reattachCommand(attachment));
  }

  /** Attaches all streams to this process's session anew, until it is done or they are told why it can't be. */
  attachAgain(): void {
    for (const attachment of this.#attachments.values()) this.#attachAgain(attachment);
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
    for (const attachment of [...this.#attachments.values()]) {
      const standing = standingOf(state, attachment.spec.requestId);
      const lease = standing.kind === 'granted' ? standing.lease : undefined;
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
  async #arrive(spec: RequestSpec, attach: (standing: Standing) => void): Promise<void> {
    const { requestId } = spec;
    this.#arriving.set(requestId, (this.#arriving.get(requestId) ?? 0) + 1);
    try {
      await this.#deps.replica.submit(this.#acquireCommand(spec, attach));
    } finally {
      const left = (this.#arriving.get(requestId) ?? 1) - 1;
      if (left > 0) this.#arriving.set(requestId, left);
      else this.#arriving.delete(requestId);
      this.#detachOrphan(requestId);
    }
  }

  #acquireCommand(spec: RequestSpec, attach: (standing: Standing) => void): Command<void> {
    return {
      requestId: spec.named ? spec.requestId : '',
      fingerprint: spec.fingerprint,
      plan: (draft) => {
        const planned = planAcquire(draft, spec, this.#deps.session().id);
        return {
          data: '',
          answer: () => {
            attach(planned.answer(''));
          },
        };
      },
      remembered: (outcome) => {
        assertSameRequest(spec.requestId, spec.fingerprint, outcome.fingerprint);
        throw endedError(spec.requestId, outcome);
      },
    };
  }

  #reattachCommand(attachment: Attachment): Command<undefined> {
    const { spec } = attachment;
    const { requestId, fingerprint } = spec;
    const { remembered } = this.#acquireCommand(spec, () => undefined);
    return {
      requestId: '',
      fingerprint,
      plan: (draft) => {
        // It may have been told of its end since this was submitted; and what it held can't be asked for again.
        const gone = attachment.leaseId !== '' && !draft.state.leaseOf.has(requestId);
        if (!gone && this.#isAttached(attachment)) planAcquire(draft, spec, this.#deps.session().id);
        return NOTHING;
      },
      remembered: (outcome) => {
        remembered?.(outcome);
        return undefined;
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
    return this.#attachments.get(attachment.spec.requestId) === attachment;
  }

  /** Called in the turn in which the command is committed, so that no change can come between. */
  #attach(attachment: Attachment, standing: Standing): void {
    const { requestId } = attachment.spec;
    if (standing.kind === 'over') {
      throw endedError(requestId, { fingerprint: '', end: 'UNKNOWN', message: 'right after it was made' });
    }
    const older = this.#attachments.get(requestId);
    if (older !== undefined) this.#close(older, takenOver(requestId));
    this.#attachments.set(requestId, attachment);
    if (standing.kind === 'granted') {
      this.#grant(attachment, standing.lease);
      return;
    }
    this.#updates.add(attachment);
    // The session ran out while the command was on its way.
    if (standing.request.session !== this.#deps.session().id) this.#attachAgain(attachment);
  }

  /**
   * Tells a grant, unless it hangs on a session that is over: after a pause this process applies first what was granted,
   * and only then that it has ended long since, and that the bench is somebody else's. The attachment to the new session
   * tells the grant, or its end is told.
   */
  #grant(attachment: Attachment, lease: Lease): void {
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
    if (change.kind === 'requestPut' || change.kind === 'requestGone') {
      const attachment = this.#attachments.get(change.request.spec.requestId);
      if (attachment === undefined) {
        this.#detachOrphan(change.request.spec.requestId);
        return;
      }
      if (change.kind === 'requestGone') this.#close(attachment, goneError(change));
      else this.#checkSession(attachment, change.request);
    } else if (change.kind === 'leasePut') {
      const attachment = this.#attachments.get(change.lease.spec.requestId);
      if (attachment === undefined) {
        this.#detachOrphan(change.lease.spec.requestId);
        return;
      }
      if (attachment.leaseId === '') this.#grant(attachment, change.lease);
      else if (attachment.leaseId === change.lease.id) this.#checkSession(attachment, change.lease);
    } else if (change.kind === 'leaseEnded') {
      const attachment = this.#attachments.get(change.lease.spec.requestId);
      if (attachment?.leaseId === '') this.#close(attachment, endedUntold(change));
      if (attachment?.leaseId !== change.lease.id) return;
      attachment.sink.ended(change.lease.id, change.reason, change.actor, change.message, change.atMs);
      this.#close(attachment);
    }
  }

  /** The caller came back through another replica: the stream here is not its stream any more. */
  #checkSession(attachment: Attachment, at: { session: string; detachedUntilMs: number | undefined }): void {
    if (at.session === this.#deps.session().id) return;
    if (at.detachedUntilMs === undefined) this.#close(attachment, takenOver(attachment.spec.requestId));
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
    const { requestId } = attachment.spec;
    return this.#attachments.get(requestId) === attachment && this.#attachments.delete(requestId);
  }

  /** The caller's stream is gone. One that was taken over, or ended by us, has nothing to give up any more. */
  #drop(attachment: Attachment): void {
    if (this.#forget(attachment)) this.#detach(attachment.spec.requestId);
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
    const lease = state.leaseOf.get(requestId);
    const hanging = lease?.hold === 'CONNECTION' ? lease : state.requests.get(requestId);
    if (hanging?.session !== this.#deps.session().id || hanging.detachedUntilMs !== undefined) return;
    if (!this.#isWanted(requestId)) this.#detach(requestId, state.rules.waiterGraceMs);
  }

  /** True when a stream hangs on the request, or is about to. */
  #isWanted(requestId: string): boolean {
    return this.#attachments.has(requestId) || this.#arriving.has(requestId);
  }

  /** Until it is done: a lease must not outlive its stream because the store was away for a moment. */
  #detach(requestId: string, leastGraceMs = 0): void {
    const { replica, clock, logger, session } = this.#deps;
    // Asked when it is planned: the caller may come back, on another stream, in the very same batch.
    const plan: Command<undefined>['plan'] = (draft) =>
      this.#isWanted(requestId) ? NOTHING : planDetach(draft, requestId, session().id, leastGraceMs);
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
