import type { HistoryEvent } from '@berth/testkit';

/**
 * A history that also knows until when each hold is valid: a holder whose validity is over counts as one that stopped, at
 * that moment, whether or not it has noticed.
 */
export class ClusterHistory {
  readonly events: HistoryEvent[] = [];
  readonly #validUntil = new Map<string, number>();

  add(event: HistoryEvent): void {
    this.#expire();
    this.events.push(event);
    if (event.kind === 'released' || event.kind === 'lost') this.#validUntil.delete(event.lease);
  }

  /** How long a lease is valid, on this process's monotonic clock. */
  validUntil(lease: string, atMs: number): void {
    this.#expire();
    this.#validUntil.set(lease, atMs);
  }

  /** How many events of a kind there are. */
  count(kind: HistoryEvent['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  #expire(): void {
    const now = performance.now();
    for (const [lease, untilMs] of this.#validUntil) {
      if (untilMs > now) continue;
      this.#validUntil.delete(lease);
      this.events.push({ kind: 'lost', lease });
    }
  }
}
