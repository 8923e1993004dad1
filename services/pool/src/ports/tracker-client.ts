/** The allocation of a resource. */
export interface ResourceIntent {
  readonly number: number;
  readonly name: string;
  readonly pool: string;
  readonly lab: string;
  /** How long until its outcome is expected. */
  readonly timeoutMs: number;
}

/**
 * The tracker, as pools use it. Each call can be repeated; it rejects when the tracker is away. What the tracker refuses, for
 * example since somebody collected the allocation, is logged and counts as told.
 */
export interface TrackerClient {
  /** Resolves to the allocation's id. */
  registerIntent(intent: ResourceIntent): Promise<string>;
  confirm(id: string, number: number, name: string, timeMs: number): Promise<void>;
  fail(id: string, number: number, reason: string): Promise<void>;
  release(id: string, number: number, reason: string, timeMs: number): Promise<void>;
  failRelease(id: string, number: number, times: number, reason: string): Promise<void>;
  /** Tells what a provider has of a pool, after a whole list. */
  reportSeen(pool: string, names: readonly string[]): Promise<void>;
}
