/**
 * The server's clock as seen from here. Each answer that carries the server's time narrows the offset between its clock and
 * our monotonic one: the server read its clock between our sending and our receiving. An offset inside that span stays, so
 * quick answers are not spoilt by slow ones; one outside it is moved to the nearer end, so a jump of the server's clock is
 * followed.
 */
export class ServerTime {
  #offsetMs: number | undefined;

  constructor(readonly monotonic: () => number) {}

  /** Takes in an answer that carried `serverUs` to a question sent at `sentMs` (monotonic). */
  seen(serverUs: number, sentMs: number): void {
    const server = serverUs / 1_000;
    const lowest = server - this.monotonic();
    const highest = server - sentMs;
    const offset = this.#offsetMs ?? (lowest + highest) / 2;
    this.#offsetMs = Math.min(Math.max(offset, lowest), highest);
  }

  /** Estimated milliseconds since the epoch on the server's clock. */
  now(): number {
    return this.monotonic() + (this.#offsetMs ?? 0);
  }
}
