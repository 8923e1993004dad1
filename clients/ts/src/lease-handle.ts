import type { Bench } from '@berth/proto/berth/lease/v1/bench';
import { type Heartbeat, HoldMode, type Lease, type Warning } from '@berth/proto/berth/lease/v1/lease';
import type { LeaseServiceClient } from '@berth/proto/berth/lease/v1/lease_service';
import { Status } from 'nice-grpc-common';
import { ENDS_WITHIN_MS, type ReceivedEvent } from './acquire-call.js';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { checkRegularly, intervalMs } from './lease-check.js';
import { LeaseLostError, lostByServer } from './lease-lost-error.js';
import type { BerthCallOptions } from './middleware/index.js';
import { propertyOf } from './property-of.js';
import { durationToMs, type Span, toDuration } from './span.js';
import { Validity } from './validity.js';

/** What a handle needs; `connect` gives it. */
export interface LeaseHandleDeps {
  readonly lease: LeaseServiceClient<BerthCallOptions>;
  readonly clock: ClientClock;
  /** The stream that holds a CONNECTION lease, after `granted`; closed for the other holds. */
  readonly events: AsyncGenerator<ReceivedEvent, void>;
  /** Resets the stream. */
  readonly hangUp: () => void;
  readonly reconnectGraceMs: number;
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}

const CALL_TIMEOUT_MS = 10_000;

/**
 * Benches that are held. `signal` aborts, with a `LeaseLostError` as its reason, as soon as they are not the holder's any
 * more, or may not be: when the server says so, when the connection that holds them is lost, or when the last known
 * validity is over. Stop using the benches then. `await using` releases at the end of the scope.
 */
export class LeaseHandle implements AsyncDisposable {
  #lease: Lease;
  #over = new AbortController();
  #validUntil: number | undefined;
  #lastSentAfter: number;
  #released: Promise<void> | undefined;
  readonly #validity: Validity;

  /** `lease.remaining` counts from `validFrom`. */
  constructor(
    lease: Lease,
    validFrom: number,
    private readonly deps: LeaseHandleDeps,
  ) {
    this.#lease = lease;
    this.#lastSentAfter = validFrom;
    this.#validity = new Validity(deps.clock, () => {
      this.#lose(
        new LeaseLostError('VALIDITY_OVER', `lease ${this.id} was not confirmed in time, and may have been given on`),
      );
    });
    this.#setValidity(lease.remaining, validFrom);
    if (lease.hold === HoldMode.CONNECTION) void this.#follow();
    else void this.#keep();
  }

  get id(): string {
    return this.#lease.id;
  }

  /** The token that guards compare: larger than that of every earlier lease of the bench. */
  get fencingToken(): number {
    return this.#lease.fencingToken;
  }

  /** The benches, in the order of the requirements, with the properties that only a holder sees. */
  get benches(): readonly [Bench, ...Bench[]] {
    return this.#lease.benches as [Bench, ...Bench[]];
  }

  /** The first bench; the only one unless several were asked for. */
  get bench(): Bench {
    return this.benches[0];
  }

  /**
   * A property of an entity of the first bench, such as the socket of its `dut`. Throws a RangeError that names what there
   * is when the bench has none of that name.
   */
  property(entity: string, name: string): string {
    return propertyOf(this.bench, entity, name);
  }

  /** Everything that the server last said of the lease. */
  get lease(): Readonly<Lease> {
    return this.#lease;
  }

  /** Aborts when the benches are, or may be, somebody else's; also when this handle releases them. */
  get signal(): AbortSignal {
    this.#validity.look();
    return this.#over.signal;
  }

  /**
   * Gives the benches back; resolves when the server has confirmed it. Harmless when the lease is over already, and when
   * called again. Throws when a TTL or MANUAL lease could not be released because the server cannot be reached; another
   * call tries again then.
   */
  release(): Promise<void> {
    return (this.#released ??= this.#release().catch((error: unknown) => {
      this.#released = undefined;
      throw error;
    }));
  }

  /** Moves the end that `maxDuration` set: the lease ends at the latest this long from now. */
  async extend(span: Span): Promise<void> {
    const sentAt = this.deps.clock.now();
    const { lab, id, fencingToken } = this.#lease;
    const { lease } = await this.deps.lease.extend({ lab, leaseId: id, fencingToken, duration: toDuration(span) });
    if (!lease) return;
    this.#lease = { ...lease, benches: this.#lease.benches };
    this.#setValidity(lease.remaining, sentAt);
  }

  /** Renews a TTL lease now; not needed, as the handle renews by itself at a third of the TTL. */
  async renew(): Promise<void> {
    const sentAt = this.deps.clock.now();
    const { lab, id, fencingToken, hold } = this.#lease;
    // Without the signal: a call that is under way when the handle releases ends by itself, and is not reset.
    const timeoutMs = Math.min(intervalMs(this.#lease), CALL_TIMEOUT_MS);
    const answer =
      hold === HoldMode.TTL
        ? await this.deps.lease.renew({ lab, leaseId: id, fencingToken }, { timeoutMs })
        : await this.deps.lease.getLease({ lab, leaseId: id }, { timeoutMs });
    this.#setValidity(answer.lease?.remaining, sentAt);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Called when the stream broke and is opened again. */
  reconnecting(): void {
    // The server keeps the lease for the grace after it notices the break, and it noticed after it sent its last message. An
    // end that comes before, it has told.
    const { reconnectGraceMs } = this.deps;
    const graceEnd = this.#lastSentAfter + reconnectGraceMs - marginMs(reconnectGraceMs);
    this.#validity.set(Math.min(this.#validUntil ?? Infinity, graceEnd));
  }

  async #release(): Promise<void> {
    const wasLost = this.signal.aborted && (this.signal.reason as LeaseLostError).why !== 'RELEASED';
    // First stop those who use the benches, then give them away.
    this.#end(new LeaseLostError('RELEASED', `lease ${this.id} was released here`));
    const { lab, id, fencingToken, hold } = this.#lease;
    try {
      await this.deps.lease.release({ lab, leaseId: id, fencingToken }, { timeoutMs: CALL_TIMEOUT_MS });
      // The server ends the stream now.
      this.deps.clock.after(ENDS_WITHIN_MS, this.deps.hangUp);
    } catch (error) {
      this.deps.hangUp();
      // A stale token or an unknown lease: it is over, which is what was wanted. Without a server, hanging up releases.
      const gone = error instanceof BerthError && (error.reason === 'STALE_TOKEN' || error.code === Status.NOT_FOUND);
      if (!gone && !wasLost && hold !== HoldMode.CONNECTION) throw error;
    }
  }

  async #follow(): Promise<void> {
    try {
      for (let next = await this.deps.events.next(); !next.done; next = await this.deps.events.next()) {
        this.#hear(next.value);
      }
      this.#lose(new LeaseLostError('CONNECTION_LOST', `lease ${this.id} is lost: the server closed the stream`));
    } catch (error) {
      this.#lose(asLost(this.id, error));
    }
  }

  #hear(received: ReceivedEvent): void {
    const { event } = received;
    this.#lastSentAfter = received.notSentBefore;
    // The stream came back after a break: what was known of the validity before was for the grace only.
    if (event.$case === 'granted') this.#setValidity(event.value.lease?.remaining, received.notSentBefore);
    if (event.$case === 'heartbeat') this.#setValidity(event.value.remaining, heartbeatSentAt(received, event.value));
    if (event.$case === 'warning') this.deps.onWarning?.(event.value);
    if (event.$case === 'ended') this.#end(lostByServer(this.id, event.value));
  }

  async #keep(): Promise<void> {
    try {
      // The stream has said all it will say; a break of it means nothing to a lease that does not hang on it.
      await this.deps.events.return();
      const interval = intervalMs(this.#lease);
      const { remaining } = this.#lease;
      const first = remaining ? Math.min(durationToMs(remaining) / 3, interval) : interval;
      await checkRegularly(first, interval, this.deps.clock, this.#over.signal, () => this.renew());
    } catch (error) {
      this.#lose(asLost(this.id, error));
    }
  }

  /** `remaining` counts from the moment the answered request was sent, or a heartbeat was. */
  #setValidity(remaining: Lease['remaining'], sentAt: number): void {
    if (this.#over.signal.aborted) return;
    const ms = remaining && durationToMs(remaining);
    this.#validUntil = ms === undefined ? undefined : sentAt + ms - marginMs(ms);
    this.#validity.set(this.#validUntil);
  }

  /** What is lost to a break is given back as well: a proxy between may keep its own half of the connection open. */
  #lose(reason: LeaseLostError): void {
    if (this.#over.signal.aborted) return;
    this.#end(reason);
    this.deps.hangUp();
    const { lab, id, fencingToken, hold } = this.#lease;
    if (hold !== HoldMode.CONNECTION) return;
    this.deps.lease.release({ lab, leaseId: id, fencingToken }, { timeoutMs: CALL_TIMEOUT_MS }).catch(() => undefined);
  }

  #end(reason: LeaseLostError): void {
    this.#validity.stop();
    if (!this.#over.signal.aborted) this.#over.abort(reason);
  }
}

/**
 * The moment from which a heartbeat's `remaining` counts here. It answers no request, so only bounds are known: it was
 * sent after the event before it came (nearly always: both may have been under way together), and before it came itself.
 * The former alone would be too early: over a store that is shared, `remaining` falls to two thirds of the session's TTL
 * between two beats, and heartbeats come each third, so that one interval less would end leases that are well. So a
 * heartbeat may have been under way for a fifth of `remaining`, and for 2 s at most. One that was held up for longer is
 * followed by a broken connection, as the answers to this client's pings (5 s) wait behind it in the same TCP stream.
 */
function heartbeatSentAt({ notSentBefore, receivedAt }: ReceivedEvent, { remaining }: Heartbeat): number {
  const underWay = Math.min(2000, remaining ? durationToMs(remaining) / 5 : 0);
  return Math.max(notSentBefore, receivedAt - underWay);
}

/** Time to stop before the server gives the bench away, and room for clocks that run at different speeds. */
function marginMs(remainingMs: number): number {
  return Math.min(1000, remainingMs / 10);
}

function asLost(leaseId: string, error: unknown): LeaseLostError {
  if (error instanceof LeaseLostError) return error;
  const why = error instanceof BerthError ? error.reason : 'CONNECTION_LOST';
  const text = error instanceof Error ? error.message : String(error);
  return new LeaseLostError(why, `lease ${leaseId} is lost: ${text}`, '', { cause: error });
}
