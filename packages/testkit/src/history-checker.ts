/**
 * What clients saw, in the order in which one process saw it. A hold begins when `granted` is received, and ends before
 * anything is done that could give the bench away: when the holder is about to release, or knows that it may have lost it.
 */
export type HistoryEvent =
  | { readonly kind: 'asked'; readonly request: string }
  | ({ readonly kind: 'granted'; readonly request: string } & GrantSeen)
  /** The holder is about to release it, or to hang up. */
  | { readonly kind: 'released'; readonly lease: string }
  /** The holder was told that it is over, or its validity is over. */
  | { readonly kind: 'lost'; readonly lease: string }
  /** The caller was told that it gets nothing, or gave up by itself. */
  | { readonly kind: 'told'; readonly request: string }
  /** An answer that a client must never get: the lease of another one, or another answer to a repeated command. */
  | { readonly kind: 'wrong'; readonly message: string };

/** A grant, as a client or a list shows it. */
export interface GrantSeen {
  readonly lease: string;
  readonly token: number;
  readonly benches: readonly string[];
  /** True when it survives its caller: TTL and MANUAL. */
  readonly lasting?: boolean;
}

/** A rule that a history breaks. */
export interface Violation {
  readonly rule:
    'overlap' | 'token order' | 'changed grant' | 'lost grant' | 'double holder' | 'lost waiter' | 'wrong answer';
  readonly message: string;
}

/**
 * Every rule that a history breaks; none = it is good:
 * - the holds of a bench are disjoint, and their tokens rise in the order of time;
 * - a request that is granted again (a repeat, a re-attachment) gets the lease and token that it had;
 * - what is held at the end (`current`) has one holder a bench, and every acknowledged lasting grant that was neither
 *   released nor lost is in it;
 * - every request was granted, or its caller was told;
 * - nobody got a wrong answer.
 */
export function checkHistory(events: readonly HistoryEvent[], current?: readonly GrantSeen[]): Violation[] {
  const checker = new HistoryChecker();
  for (const event of events) checker.see(event);
  checker.end(current);
  return checker.violations;
}

class HistoryChecker {
  readonly violations: Violation[] = [];
  /** The open holds, by lease. */
  readonly #open = new Map<string, GrantSeen>();
  readonly #holders = new Map<string, GrantSeen>();
  readonly #newest = new Map<string, GrantSeen>();
  readonly #grants = new Map<string, GrantSeen>();
  readonly #waiting = new Set<string>();

  see(event: HistoryEvent): void {
    switch (event.kind) {
      case 'asked':
        if (!this.#grants.has(event.request)) this.#waiting.add(event.request);
        return;
      case 'told':
        this.#waiting.delete(event.request);
        return;
      case 'granted':
        this.#granted(event.request, event);
        return;
      case 'wrong':
        this.#broken('wrong answer', event.message);
        return;
      case 'released':
      case 'lost':
        this.#close(event.lease);
    }
  }

  end(current: readonly GrantSeen[] | undefined): void {
    for (const request of this.#waiting) {
      this.#broken('lost waiter', `request ${request} was neither granted nor told that it gets nothing`);
    }
    if (current === undefined) return;
    const held = new Map<string, GrantSeen>();
    for (const grant of current) {
      for (const bench of grant.benches) {
        const other = held.get(bench);
        if (other !== undefined) this.#broken('double holder', `${bench} is held by ${name(other)} and ${name(grant)}`);
        held.set(bench, grant);
      }
    }
    const tokens = new Map(current.map(({ lease, token }) => [lease, token]));
    for (const grant of this.#open.values()) {
      if (grant.lasting === true && tokens.get(grant.lease) !== grant.token) {
        this.#broken('lost grant', `${name(grant)} was acknowledged and never given back, but is not there any more`);
      }
    }
  }

  #granted(request: string, grant: GrantSeen): void {
    this.#waiting.delete(request);
    const before = this.#grants.get(request);
    if (before !== undefined) {
      if (before.lease !== grant.lease || before.token !== grant.token) {
        this.#broken('changed grant', `request ${request} had ${name(before)}, and then ${name(grant)}`);
      }
      return;
    }
    this.#grants.set(request, grant);
    for (const bench of grant.benches) {
      const holder = this.#holders.get(bench);
      if (holder !== undefined) this.#broken('overlap', `${bench}: ${name(grant)} began during ${name(holder)}`);
      const newest = this.#newest.get(bench);
      if (newest !== undefined && newest.token >= grant.token) {
        this.#broken('token order', `${bench}: ${name(grant)} came after ${name(newest)}`);
      }
      this.#holders.set(bench, grant);
      this.#newest.set(bench, grant);
    }
    this.#open.set(grant.lease, grant);
  }

  #close(lease: string): void {
    const grant = this.#open.get(lease);
    if (grant === undefined) return;
    this.#open.delete(lease);
    for (const bench of grant.benches) if (this.#holders.get(bench) === grant) this.#holders.delete(bench);
  }

  #broken(rule: Violation['rule'], message: string): void {
    this.violations.push({ rule, message });
  }
}

function name({ lease, token }: GrantSeen): string {
  return `lease ${lease} (token ${String(token)})`;
}
