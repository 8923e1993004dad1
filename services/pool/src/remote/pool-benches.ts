import type { Bench, Change, Lease } from '@berth/client';
import { ConditionState } from '@berth/client';
import type { BenchLease, LabBenches, PoolBench } from '../domain/supply.js';

const ORIGIN = 'pool/';
const CONDITIONS = {
  [ConditionState.MAINTENANCE]: 'MAINTENANCE',
  [ConditionState.QUARANTINED]: 'QUARANTINED',
  [ConditionState.OFFLINE]: 'OFFLINE',
} as const;

/** The benches of pools in a lab, put together from what a watch tells. */
export class PoolBenches {
  readonly #benches = new Map<string, PoolBench>();
  /** Leases by the names of their benches, also of benches that are told later. */
  readonly #leases = new Map<string, BenchLease>();

  take(kind: Change['kind']): void {
    switch (kind?.$case) {
      case 'benchPut':
        this.#putBench(kind.value);
        break;
      case 'benchRemoved':
        this.#benches.delete(kind.value);
        break;
      case 'leasePut':
        this.#putLease(kind.value);
        break;
      case 'leaseEnded':
        if (kind.value.lease !== undefined) this.#endLease(kind.value.lease);
        break;
      default:
    }
  }

  /** The benches as they are now, which later changes leave as they are. */
  at(revision: number): LabBenches {
    return { revision, benches: new Map(this.#benches) };
  }

  #putBench({ name, origin, condition, etag, affinity, cleaningToken }: Bench): void {
    if (!origin.startsWith(ORIGIN)) return;
    const lease = this.#leases.get(name);
    this.#benches.set(name, {
      name,
      pool: origin.slice(ORIGIN.length),
      condition: nameOf(condition?.state),
      conditionBy: condition?.actor?.name ?? '',
      etag,
      affinity,
      cleaningToken,
      ...(lease && { lease }),
    });
  }

  #putLease({ id, fencingToken, affinity: sandbox, grantTime, benches }: Lease): void {
    const lease = { id, fencingToken, sandbox, sinceMs: grantTime?.getTime() ?? 0 };
    for (const { name } of benches) {
      this.#leases.set(name, lease);
      const bench = this.#benches.get(name);
      if (bench !== undefined) this.#benches.set(name, { ...bench, lease });
    }
  }

  #endLease({ id, benches }: Lease): void {
    for (const { name } of benches) {
      if (this.#leases.get(name)?.id !== id) continue;
      this.#leases.delete(name);
      const bench = this.#benches.get(name);
      if (bench === undefined) continue;
      const { lease: _, ...free } = bench;
      this.#benches.set(name, free);
    }
  }
}

function nameOf(state: ConditionState | undefined): PoolBench['condition'] {
  return state !== undefined && state in CONDITIONS ? CONDITIONS[state as keyof typeof CONDITIONS] : 'READY';
}
