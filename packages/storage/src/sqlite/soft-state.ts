/**
 * Deadlines and sessions of one lab, in memory: the process that has the data directory is the only one, so both end with
 * it. Times are on the monotonic clock, so that a jump of the wall clock ends no lease.
 */
export class SoftState {
  readonly #deadlines = new Map<string, number>();
  readonly #sessions = new Map<string, number>();

  constructor(readonly monotonic: () => number) {}

  deadline(lease: string): number | undefined {
    return this.#deadlines.get(lease);
  }

  /** Sets a deadline at `at` (monotonic), or removes it. */
  setDeadline(lease: string, at: number | undefined): void {
    if (at === undefined) this.#deadlines.delete(lease);
    else this.#deadlines.set(lease, at);
  }

  remaining(lease: string): number | undefined {
    const at = this.#deadlines.get(lease);
    return at === undefined ? undefined : at - this.monotonic();
  }

  openSession(session: string, ttlMs: number): void {
    const now = this.monotonic();
    for (const [other, until] of this.#sessions) if (until <= now) this.#sessions.delete(other);
    this.#sessions.set(session, now + ttlMs);
  }

  beat(session: string, ttlMs: number): boolean {
    if (!this.alive(session)) return false;
    this.#sessions.set(session, this.monotonic() + ttlMs);
    return true;
  }

  closeSession(session: string): void {
    this.#sessions.delete(session);
  }

  alive(session: string): boolean {
    const until = this.#sessions.get(session);
    return until !== undefined && until > this.monotonic();
  }
}
