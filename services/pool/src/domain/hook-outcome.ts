/** How a command ended. */
export interface HookOutcome {
  /**
   * - ok: exit code 0.
   * - failed: an exit code from 1 to 127, by itself.
   * - unsure: ended by its timeout, by a signal, with an exit code above 127, or perhaps never begun: nobody knows how far it came.
   */
  readonly verdict: 'ok' | 'failed' | 'unsure';
  /** The way in which it failed, for people; '' when it did not. */
  readonly fault: string;
  /** Of `cmd_new`: what it printed, in base64. */
  readonly data: string;
}
