// A lab in memory that takes reservations as the lease service does, and can fail around each call.
import { BerthError } from '@berth/kernel';
import type { Refusal } from '../../domain/index.js';
import type { LabBench, LabClient, LabReservation, LabView, Reservation } from '../../ports/lab-client.js';

/** What a call does besides its work: fails before it or after it; absent = nothing. */
export type Trouble = (call: 'put' | 'free' | 'look') => 'before' | 'after' | undefined;

export class FakeLab implements LabClient {
  readonly reservations = new Map<string, LabReservation>();
  /** The versions of what was deleted. */
  readonly deleted = new Map<string, number>();
  /** Benches with a lease that has no end: puts without force are refused. */
  readonly held = new Set<string>();
  readonly benches: Map<string, LabBench>;
  readonly calls: string[] = [];
  trouble: Trouble = () => undefined;
  readonly #listeners = new Set<() => void>();

  constructor(names: readonly string[]) {
    this.benches = new Map(names.map((name) => [name, { name, ready: true, why: '', untilMs: undefined }]));
  }

  /** Loses everything but its benches. */
  lose(): void {
    this.reservations.clear();
    this.deleted.clear();
    this.changed();
  }

  setReady(name: string, ready: boolean, why = ''): void {
    this.benches.set(name, { name, ready, why, untilMs: undefined });
    this.changed();
  }

  use(id: string): void {
    const reservation = this.reservations.get(id);
    if (reservation !== undefined) this.reservations.set(id, { ...reservation, used: true });
    this.changed();
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  look(): Promise<LabView> {
    return this.#call('look', () => ({
      benches: [...this.benches.values()],
      reservations: [...this.reservations.values()],
    }));
  }

  async *changes(_lab: string, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
    let changed = true;
    let wake = (): void => undefined;
    const listener = (): void => {
      changed = true;
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener('abort', listener);
    try {
      while (!signal.aborted) {
        if (changed) {
          changed = false;
          yield;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  matching(): Promise<readonly { bench: string; weight: number; ready: boolean }[]> {
    return Promise.resolve([...this.benches.values()].map(({ name, ready }) => ({ bench: name, weight: 0, ready })));
  }

  put(_lab: string, reservation: Reservation, force: boolean): Promise<'taken' | 'old' | Refusal> {
    return this.#call('put', () => {
      const { id, version, benches, startMs, endMs } = reservation;
      const there = this.reservations.get(id);
      const known = Math.max(there?.version ?? 0, this.deleted.get(id) ?? 0);
      if (there?.version === version && known === version) return 'taken';
      if (version <= known) return 'old';
      const others = [...this.reservations.values()].filter(
        (other) => other.id !== id && other.startMs < endMs && startMs < other.endMs,
      );
      const taken = benches.find((name) => others.some((other) => other.benches.includes(name)));
      if (taken !== undefined) return { reason: 'BENCH_BOOKED', message: `bench '${taken}' is reserved` };
      const held = benches.find((name) => this.held.has(name));
      if (held !== undefined && !force) return { reason: 'BENCH_HELD', message: `bench '${held}' is held` };
      this.reservations.set(id, { used: there?.used ?? false, ...reservation });
      this.changed();
      return 'taken';
    });
  }

  free(
    _lab: string,
    { id, version, ifUnused }: { readonly id: string; readonly version: number; readonly ifUnused: boolean },
  ): Promise<boolean> {
    return this.#call('free', () => {
      const there = this.reservations.get(id);
      if (there !== undefined && (there.version > version || (ifUnused && there.used))) return false;
      this.reservations.delete(id);
      this.deleted.set(id, Math.max(version, this.deleted.get(id) ?? 0));
      this.changed();
      return true;
    });
  }

  async #call<T>(call: 'put' | 'free' | 'look', work: () => T): Promise<T> {
    this.calls.push(call);
    const trouble = this.trouble(call);
    await new Promise(setImmediate);
    if (trouble === 'before') throw away();
    const answer = work();
    if (trouble === 'after') throw away();
    return answer;
  }
}

function away(): BerthError {
  return new BerthError('STORE_UNAVAILABLE', 'the lab is away');
}
