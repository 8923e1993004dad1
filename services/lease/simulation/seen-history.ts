import type { GrantSeen, HistoryEvent } from '@berth/testkit';
import { checkHistory } from '@berth/testkit';
import type { VirtualTime } from './virtual-time.js';

interface Hold {
  validUntilMs: number;
  readonly over: () => void;
}

/** What callers saw, for the history checker. A hold ends by itself when it is not known to be valid any longer. */
export class SeenHistory {
  readonly #events: HistoryEvent[] = [];
  readonly #holds = new Map<string, Hold>();
  readonly #revoked = new Set<string>();
  /** When leases end at the latest that were extended. */
  readonly #ends = new Map<string, number>();
  /** The revision up to which the store may have lost something. */
  #lostUs = 0;
  /** Of requests that were granted, how often the store has lost data since. */
  readonly #rounds = new Map<string, number>();

  constructor(readonly time: VirtualTime) {}

  asked(request: string): void {
    this.#events.push({ kind: 'asked', request: this.#key(request) });
  }

  told(request: string): void {
    this.#events.push({ kind: 'told', request: this.#key(request) });
  }

  wrong(message: string): void {
    this.#events.push({ kind: 'wrong', message: `at ${this.time.nowMs}: ${message}` });
  }

  /** The caller holds from now on; `over` is called when its lease is not valid any more. */
  granted(request: string, grant: GrantSeen, validUntilMs: number, over: () => void): void {
    this.#rounds.set(request, this.#rounds.get(request) ?? 0);
    // Told late: it is over already. Or it is of the time before the store lost something.
    const isOver = this.#revoked.has(grant.lease) || (this.#ends.get(grant.lease) ?? Infinity) <= this.time.nowMs;
    const isOld = isOver || grant.token < this.#lostUs;
    if (isOld) this.#events.push({ kind: 'told', request: this.#key(request) });
    else this.#events.push({ kind: 'granted', request: this.#key(request), ...grant });
    this.#holds.set(grant.lease, { validUntilMs, over });
    this.validUntil(grant.lease, validUntilMs);
  }

  /** No longer than to an end that an operator set, which the server may not have known when it answered. */
  validUntil(lease: string, atMs: number): void {
    const hold = this.#holds.get(lease);
    if (hold !== undefined) hold.validUntilMs = Math.min(atMs, this.#ends.get(lease) ?? Infinity);
  }

  /** It is not known to be valid for longer than that. */
  validAtMost(lease: string, atMs: number): void {
    const hold = this.#holds.get(lease);
    if (hold !== undefined) hold.validUntilMs = Math.min(hold.validUntilMs, atMs);
  }

  end(kind: 'released' | 'lost', lease: string): void {
    if (this.#holds.delete(lease)) this.#events.push({ kind, lease });
  }

  /** An operator set the end of a lease, of which its holder may learn too late. */
  extended(lease: string, endMs: number): void {
    this.#ends.set(lease, endMs);
    this.validAtMost(lease, endMs);
  }

  /** A lease was ended by others: its holder may learn so later than the next one that it has the bench. */
  revoked(lease: string): void {
    this.#revoked.add(lease);
    this.end('lost', lease);
  }

  /** Ends the holds whose time is over. */
  expire(): void {
    for (const [lease, { validUntilMs, over }] of this.#holds) {
      if (validUntilMs > this.time.nowMs) continue;
      this.end('lost', lease);
      over();
    }
  }

  /** The store lost something: nobody can rely on what was held, or is granted what it was granted before. */
  storeLost(): void {
    this.#lostUs = this.time.nowMs * 1000;
    // Their callers do not know.
    for (const lease of this.#holds.keys()) this.#events.push({ kind: 'lost', lease });
    for (const [request, round] of this.#rounds) this.#rounds.set(request, round + 1);
  }

  /** What was broken; `current` is what is held at the end. */
  violations(current: readonly GrantSeen[]): string[] {
    return checkHistory(this.#events, current).map(({ rule, message }) => `${rule}: ${message}`);
  }

  #key(request: string): string {
    return `${request}#${this.#rounds.get(request) ?? 0}`;
  }
}
