import type { KeepAliveResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { Lab } from '../../app/lab.js';
import type { Lease } from '../../domain/index.js';
import { warningOf } from './lease-to-proto.js';

/** The leases whose warnings a KeepAlive stream is told, until they end or the stream does. */
export class WarnedLeases {
  readonly #write: (message: KeepAliveResponse) => void;
  readonly #stops = new Map<string, () => void>();

  constructor(write: (message: KeepAliveResponse) => void) {
    this.#write = write;
  }

  /** Does nothing for a lease that it has. */
  add(lab: Lab, lease: Lease): void {
    const { id: leaseId } = lease;
    if (this.#stops.has(leaseId)) return;
    const stop = lab.watchLease(lease, {
      warning: (...told) => {
        const warning = warningOf(...told);
        this.#write({ leaseId, remaining: undefined, errorReason: '', errorMessage: '', warning });
      },
      leaseOver: () => {
        this.#stops.delete(leaseId);
      },
    });
    this.#stops.set(leaseId, stop);
  }

  close(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }
}
