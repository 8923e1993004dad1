import type { Berth, BerthError, Granted, Lease, LeaseEvent } from '@berth/client';
import { connect, durationToMs, HoldMode, Status } from '@berth/client';
import { until } from '@berth/testkit';
import type { SeededRandom } from '@berth/testkit';
import type { AcquireCall } from './acquire-call.js';
import { newRequestId, openAcquire } from './acquire-call.js';
import { CALL_WITHIN_MS, unlessAway, untilAnswered } from './until-answered.js';
import type { ClusterHistory } from './cluster-history.js';

/** What a client does with the benches that it holds, beside asking whether its token is good. */
export interface HolderWork {
  /** Called while it holds; asks again for what survives its connection. */
  use(replica: () => Berth, lease: Lease, repeatAcquire: (() => Promise<void>) | undefined): Promise<void>;
  /** Called at the end; true when the work has given the lease back itself. */
  giveBack(replica: () => Berth, lease: Lease): Promise<boolean>;
}

/** A replica that clients may use; `down` while it is not to be asked. */
export interface ReplicaAddress {
  readonly address: string;
  readonly down: boolean;
}

type AcquireRequest = Parameters<Berth['lease']['acquire']>[0] & { readonly requestId: string };

const HOLDS = [HoldMode.CONNECTION, HoldMode.CONNECTION, HoldMode.TTL, HoldMode.MANUAL];
/** A client that hears nothing for so long looks for another replica. */
const PATIENCE_MS = 6000;

/**
 * A client that asks for random benches through random replicas, hangs up, gives up, comes back through another replica
 * with the same request id, and writes what it sees into a history.
 */
export class RoamingClient {
  readonly #connections = new Map<string, Berth>();
  #isClosed = false;
  /** The question about a grant that came late. */
  #confirming: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly replicas: readonly ReplicaAddress[],
    private readonly history: ClusterHistory,
    private readonly random: SeededRandom,
    private readonly work?: HolderWork,
    private readonly open: (address: string) => Berth = (address) => connect({ address, user: name }),
  ) {}

  /** Ends what is under way with an error: a test that failed leaves nobody who asks on and on. */
  close(): void {
    this.#isClosed = true;
    for (const berth of this.#connections.values()) berth.close();
  }

  /** One request from asking to its end. */
  async once(): Promise<void> {
    const request = this.#request();
    this.history.add({ kind: 'asked', request: request.requestId });
    const call = await this.#granted(request);
    if (call === undefined) return;
    await this.#use(request, call);
    await this.#giveBack(request, call);
  }

  #request(): AcquireRequest {
    const { random } = this;
    const hold = random.pick(HOLDS);
    const both = random.chance(0.2);
    const requirement = random.pick([{ attributes: ['any'] }, { attributes: ['even'] }, { bench: 'b1' }]);
    return {
      requestId: newRequestId(this.name),
      requirements: both ? [{ attributes: ['any'] }, { attributes: ['any'] }] : [requirement],
      priority: random.int(101),
      hold,
      ...(hold === HoldMode.TTL && { ttl: { seconds: 600, nanos: 0 } }),
      ...(random.chance(0.2) && { waitTimeout: { seconds: 0, nanos: random.int(500) * 1e6 } }),
      // What lives on a connection comes back through another replica in the middle of its wait.
      ...(hold === HoldMode.CONNECTION && random.chance(0.3) && { reconnectGrace: { seconds: 20, nanos: 0 } }),
    };
  }

  /** Asks until it is granted, through as many replicas as it takes; undefined when it was told, or gave up. */
  async #granted(request: AcquireRequest): Promise<AcquireCall | undefined> {
    const givesUp =
      request.hold === HoldMode.CONNECTION && request.reconnectGrace === undefined && this.random.chance(0.15);
    for (;;) {
      const call = this.#open(request);
      if (givesUp && (await this.#heard(call, () => call.place ?? call.lease))) {
        if (call.lease !== undefined) {
          await this.#confirming;
          return call;
        }
        this.history.add({ kind: 'told', request: request.requestId });
        call.hangUp();
        return undefined;
      }
      await this.#heard(call, () => call.lease);
      await this.#confirming;
      if (call.lease !== undefined) return call;
      const { over, error } = call;
      call.hangUp();
      // Silent for too long: perhaps its replica is paused. The next stream takes its place over.
      if (!over || error === undefined || !isFinal(error)) continue;
      this.history.add({ kind: 'told', request: request.requestId });
      return undefined;
    }
  }

  /** Waits for something, for the end of the stream, or until patience is at an end. */
  async #heard(call: AcquireCall, what: () => unknown): Promise<boolean> {
    const endMs = performance.now() + PATIENCE_MS;
    await until(() => what() !== undefined || call.over || performance.now() > endMs, {
      what: 'a word',
      timeoutMs: 30_000,
    });
    return what() !== undefined;
  }

  #open(request: AcquireRequest): AcquireCall {
    let notSentBefore = performance.now();
    const seen = (event: LeaseEvent): void => {
      const before = notSentBefore;
      notSentBefore = performance.now();
      if (event.$case === 'granted') this.#see(request, call, event.value, before);
      else if (event.$case === 'heartbeat') this.#extend(call, event.value.remaining, before);
      else if (event.$case === 'ended') this.history.add({ kind: 'lost', lease: event.value.leaseId });
    };
    const call = openAcquire(this.#replica(), request, seen);
    // What hangs on the connection alone is lost with it.
    if (request.hold === HoldMode.CONNECTION && request.reconnectGrace === undefined) {
      void call.done.then(() => call.lease && this.history.add({ kind: 'lost', lease: call.lease.id }));
    }
    return call;
  }

  #see({ requestId: request, hold }: AcquireRequest, call: AcquireCall, { lease }: Granted, before: number): void {
    if (lease === undefined) return;
    const { id, owner, remaining } = lease;
    if (owner !== this.name) {
      this.history.add({
        kind: 'wrong',
        message: `${this.name} was granted lease ${id} of ${owner}`,
      });
      return;
    }
    const validUntil = hold === HoldMode.CONNECTION && remaining ? before + durationToMs(remaining) : Infinity;
    if (validUntil > performance.now()) this.#hold(request, lease, validUntil);
    else this.#confirming = this.#confirm(request, call, lease);
  }

  /**
   * Asks about a grant that was perhaps sent so long ago that it is over: it may have lain in a buffer while its replica was
   * stopped. As the library does (`confirmGrant`); news of a grant that is over is no hold.
   */
  async #confirm(request: string, call: AcquireCall, lease: Lease): Promise<void> {
    const before = performance.now();
    const question = { bench: lease.benches[0]?.name ?? '', fencingToken: lease.fencingToken };
    const answer = await this.#replica()
      .lease.checkToken(question, { timeoutMs: CALL_WITHIN_MS, retry: false })
      .catch(unlessAway);
    const validUntil = before + (answer?.current === true && answer.remaining ? durationToMs(answer.remaining) : 0);
    if (validUntil > performance.now() && !call.over) this.#hold(request, lease, validUntil);
    else this.history.add({ kind: 'told', request });
  }

  #hold(request: string, { id, fencingToken, hold, benches }: Lease, validUntil: number): void {
    this.history.add({
      kind: 'granted',
      request,
      lease: id,
      token: fencingToken,
      benches: benches.map(({ name }) => name),
      lasting: hold !== HoldMode.CONNECTION,
    });
    if (validUntil < Infinity) this.history.validUntil(id, validUntil);
  }

  #extend(call: AcquireCall, remaining: { seconds: number; nanos: number } | undefined, before: number): void {
    if (call.lease !== undefined && remaining !== undefined) {
      this.history.validUntil(call.lease.id, before + durationToMs(remaining));
    }
  }

  /** Works with the benches for a while: asks other replicas whether its token is good. */
  async #use(request: AcquireRequest, call: AcquireCall): Promise<void> {
    const { lease } = call;
    const lasts = request.hold !== HoldMode.CONNECTION;
    const again = async (): Promise<void> => {
      await this.#heard(this.#open(request), () => false);
    };
    if (lease !== undefined) await this.work?.use(() => this.#replica(), lease, lasts ? again : undefined);
    for (let i = this.random.int(6); i > 0 && lease !== undefined; i--) {
      const [bench] = lease.benches;
      const question = { bench: bench?.name ?? '', fencingToken: lease.fencingToken };
      await this.#replica().lease.checkToken(question, { timeoutMs: CALL_WITHIN_MS, retry: false }).catch(unlessAway);
    }
  }

  async #giveBack({ reconnectGrace }: AcquireRequest, call: AcquireCall): Promise<void> {
    const { lease } = call;
    if (lease === undefined) return;
    this.history.add({ kind: 'released', lease: lease.id });
    const lasts = lease.hold !== HoldMode.CONNECTION;
    if (lasts && (await this.work?.giveBack(() => this.#replica(), lease)) === true) return;
    // Hanging up is enough for what hangs on the connection only.
    const byCall = lease.hold !== HoldMode.CONNECTION || reconnectGrace !== undefined || this.random.chance(0.3);
    if (byCall) {
      await untilAnswered(() =>
        this.#replica().lease.release({ leaseId: lease.id }, { timeoutMs: CALL_WITHIN_MS, retry: false }),
      );
    }
    call.hangUp();
  }

  #replica(): Berth {
    if (this.#isClosed) throw new Error(`${this.name} was closed`);
    const { address } = this.random.pick(this.replicas.filter(({ down }) => !down));
    const known = this.#connections.get(address);
    if (known !== undefined) return known;
    const berth = this.open(address);
    this.#connections.set(address, berth);
    return berth;
  }
}

/** True when the server said that the request gets nothing; false when only this stream is over. */
function isFinal(error: BerthError): boolean {
  return error.described && error.code !== Status.UNAVAILABLE && error.reason !== 'REQUEST_TAKEN_OVER';
}
