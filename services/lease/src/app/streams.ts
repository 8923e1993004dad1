import type { Clock, Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Bench, Change, Lease, RequestSpec, Standing } from '../domain/index.js';
import { assertSameRequest, endedError, planAcquire, planDetach, standingOf, SYSTEM } from '../domain/index.js';
import type { Logger } from '../ports/environment.js';
import { Attachment } from './attachment.js';
import type { AcquireSink, CallEnd, Command } from './lab.js';
import { goneError, takenOver } from './lost-request.js';
import { QueueUpdates } from './queue-updates.js';
import type { Replica, ReplicaListener } from './replica.js';

const LONGEST_TICK_MS = 1000;
/** A stream never is silent for longer: proxies cut idle streams, and HTTP/2 pings do not count for them. */
const LONGEST_SILENCE_MS = 10_000;
/**
 * A holder hears this many times in a session's life that it still holds. It counts its validity from the message before
 * (it can't know how long the newest was under way), less a tenth for safety; and a beat of the session may be a quarter of
 * its life old. So of a life of 100 a heartbeat gives at least 100 - 25 - 20 - 10 = 45, and the next one comes after 20.
 */
const HEARTBEATS_PER_SESSION = 5;
const DETACH_AGAIN_MS = 1000;

export interface StreamsDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly session: () => { readonly id: string; readonly validMs: number };
  readonly sessionTtlMs: number;
  readonly remainingMs: (lease: Lease) => number | undefined;
}

/** The Acquire streams of this process: attaches them to their requests, and tells them what becomes of these. */
export class Streams implements ReplicaListener {
  readonly #deps: StreamsDeps;
  readonly #attachments = new Map<string, Attachment>();
  readonly #updates: QueueUpdates;
  #tick: Timer | undefined;

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
    this.#updates = new QueueUpdates(deps.replica, deps.clock);
  }

  start(): void {
    this.#tick = this.#deps.clock.after(this.#tickMs, () => {
      this.#beat();
      this.start();
    });
  }

  /** Half of what lies between two heartbeats, so that none comes more than a quarter late. */
  get #tickMs(): number {
    return Math.min(LONGEST_TICK_MS, this.#deps.sessionTtlMs / HEARTBEATS_PER_SESSION / 2);
  }

  /** Tells every stream to come back, and ends it. */
  stop(): void {
    this.#tick?.cancel();
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
    await this.#deps.replica.submit(this.#acquireCommand(spec, (standing) => this.#attach(attachment, standing)));
    // From here on there may be a place or a lease that must not outlive the stream.
    call.onOver(() => {
      this.#drop(attachment);
    });
    await attachment.done;
  }

  /** Commands that attach all streams to this process's session anew. */
  reattach(): readonly Command<unknown>[] {
    return [...this.#attachments.values()].map(({ spec }) => this.#acquireCommand(spec, () => undefined));
  }

  applied(changes: readonly Change[]): void {
    for (const change of changes) this.#tell(change);
    this.#updates.mark();
  }

  /** The store lost something: leases that are not there any more have ended, and waiters queue up again. */
  reloaded(): void {
    const { replica } = this.#deps;
    for (const attachment of [...this.#attachments.values()]) {
      const standing = standingOf(replica.state, attachment.spec.requestId);
      if (standing.kind === 'over' && attachment.leaseId !== '') {
        this.#end(attachment, 'STORE_LOST', 'the store lost its data, and the lease with it');
      }
    }
    for (const command of this.reattach()) {
      replica.submit(command).catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'a stream could not be attached again');
      });
    }
    this.#updates.mark();
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

  /** Called in the turn in which the command is committed, so that no change can come between. */
  #attach(attachment: Attachment, standing: Standing): void {
    const { requestId } = attachment.spec;
    if (standing.kind === 'over') {
      throw endedError(requestId, { fingerprint: '', end: 'UNKNOWN', message: 'right after it was made' });
    }
    const older = this.#attachments.get(requestId);
    if (older !== undefined) this.#close(older, takenOver(requestId));
    this.#attachments.set(requestId, attachment);
    if (standing.kind === 'waiting') this.#updates.add(attachment);
    else this.#grant(attachment, standing.lease);
  }

  #grant(attachment: Attachment, lease: Lease): void {
    this.#updates.delete(attachment);
    attachment.leaseId = lease.id;
    attachment.sentMs = this.#deps.clock.monotonic();
    attachment.sink.granted(lease, this.#deps.remainingMs(lease));
    if (lease.hold !== 'CONNECTION') this.#close(attachment);
  }

  #tell(change: Change): void {
    if (change.kind === 'benchPut') {
      this.#warnHolder(change.bench);
      return;
    }
    if (change.kind === 'requestPut' || change.kind === 'requestGone') {
      const attachment = this.#attachments.get(change.request.spec.requestId);
      if (attachment === undefined) return;
      if (change.kind === 'requestGone') this.#close(attachment, goneError(change));
      else this.#checkSession(attachment, change.request);
    } else if (change.kind === 'leasePut') {
      const attachment = this.#attachments.get(change.lease.spec.requestId);
      if (attachment === undefined) return;
      if (attachment.leaseId === '') this.#grant(attachment, change.lease);
      else if (attachment.leaseId === change.lease.id) this.#checkSession(attachment, change.lease);
    } else if (change.kind === 'leaseEnded') {
      const attachment = this.#attachments.get(change.lease.spec.requestId);
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

  #warnHolder({ spec, lease, condition, retired }: Bench): void {
    const attachment = lease === undefined ? undefined : this.#attachments.get(lease.spec.requestId);
    if (attachment === undefined || (condition.state === 'READY' && !retired)) return;
    const what = retired
      ? `bench '${spec.name}' is removed when this lease ends`
      : `bench '${spec.name}' goes into ${condition.state} when this lease ends (${condition.actor.name}: ${condition.reason})`;
    attachment.sink.warning('BENCH_WANTED', undefined, `${what}; release it as soon as you can`);
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
    const { requestId } = attachment.spec;
    return this.#attachments.get(requestId) === attachment && this.#attachments.delete(requestId);
  }

  /** The caller's stream is gone. One that was taken over, or ended by us, has nothing to give up any more. */
  #drop(attachment: Attachment): void {
    if (this.#forget(attachment)) this.#detach(attachment.spec.requestId);
    attachment.resolve();
  }

  /** Until it is done: a lease must not outlive its stream because the store was away for a moment. */
  #detach(requestId: string): void {
    const { replica, clock, logger, session } = this.#deps;
    if (this.#attachments.has(requestId)) return;
    const plan: Command<undefined>['plan'] = (draft) => planDetach(draft, requestId, session().id);
    replica.submit({ requestId: '', fingerprint: '', plan }).catch((error: unknown) => {
      // When the server stops, the end of its session does the same.
      if (error instanceof BerthError && error.reason === 'SHUTTING_DOWN') return;
      logger.warn({ err: error, requestId }, 'a stream that is gone could not be detached; trying again');
      clock.after(DETACH_AGAIN_MS, () => {
        this.#detach(requestId);
      });
    });
  }

  /** Signs of life to streams that were silent: often enough that a holder's validity never runs out in between. */
  #beat(): void {
    const { clock, replica, session, sessionTtlMs } = this.#deps;
    const now = clock.monotonic();
    const { validMs } = session();
    const serverMs = replica.log.now();
    for (const attachment of this.#attachments.values()) {
      const holds = attachment.leaseId !== '';
      const silenceMs = holds
        ? Math.min(LONGEST_SILENCE_MS, sessionTtlMs / HEARTBEATS_PER_SESSION)
        : LONGEST_SILENCE_MS;
      if (now - attachment.sentMs < silenceMs - this.#tickMs / 2 || attachment.sink.congested) continue;
      attachment.sentMs = now;
      attachment.sink.heartbeat(serverMs, holds ? this.#leaseValidMs(attachment, validMs) : undefined);
    }
  }

  #leaseValidMs(attachment: Attachment, sessionMs: number): number {
    const endMs = this.#deps.replica.state.leases.get(attachment.leaseId)?.endMs;
    return endMs === undefined ? sessionMs : Math.min(sessionMs, Math.max(0, endMs - this.#deps.replica.log.now()));
  }
}
