import type { SeededRandom } from '@berth/testkit';
import type { OpenLab } from '../src/app/open-lab.js';
import type { SeenHistory } from './seen-history.js';
import type { SimulatedStore } from './simulated-store.js';
import type { VirtualTime } from './virtual-time.js';

/** A caller's stream, as the server sees it. */
export interface Call {
  readonly requestId: string;
  /** True while the caller was told that it waits or holds, and the server knows of no end of the stream. */
  readonly attached: boolean;
  /** The connection is gone. */
  broke(): void;
}

/** A server that callers may go to. */
export interface Serving {
  /** For the message of a failure. */
  readonly name: string;
  readonly lab: OpenLab;
  readonly calls: Set<Call>;
  /** When something was last in its way. */
  readonly troubledMs: number;
  /** Something reaches it over the network. */
  ask(delayMs: number, what: () => void): void;
}

/** What callers, watchers and servers live in. */
export interface World {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly store: SimulatedStore;
  readonly history: SeenHistory;
  /** How often the store has lost data. */
  readonly losses: number;
  readonly serving: readonly Serving[];
  /** True of a lease that was ever committed with this token. */
  wasGranted(lease: string, token: number): boolean;
  /** For the message of a failure. */
  note(what: string): void;
  /** Something that must not be. */
  wrong(what: string): void;
}
