import type { Lab } from '../../app/lab.js';
import { benchNamed, noSuchLease } from '../../domain/index.js';
import { benchOf, offerOf } from '../inventory/bench-to-proto.js';
import { leaseOf } from '../leases/lease-to-proto.js';
import { queuedRequestOf } from '../leases/queue-to-proto.js';

/**
 * The answer to a repeat of a call that a version before 0.2 carried out: it kept only by what the answer is to be
 * looked up again. Such an answer is at most as old as `lease.requestIdTtlMs`.
 */
export function earlierAnswer(method: string, data: string, lab: Lab, request: object): object {
  const { state } = lab;
  switch (method) {
    case 'Revoke':
      return { revoked: data === 'true' };
    case 'DeleteBench':
      return { removed: data === 'true' };
    case 'ApplyInventory':
      return { ...(JSON.parse(data) as object), revision: state.revision };
    case 'CreateBench':
    case 'UpdateBench':
    case 'SetCondition':
      return { bench: benchOf(lab, benchNamed(state, data), true) };
    case 'Transfer':
    case 'Extend': {
      const lease = state.leases.get(data);
      if (lease === undefined) throw noSuchLease(data);
      return { lease: leaseOf(lab, lease, true) };
    }
    case 'SetPriority': {
      const { targetRequestId } = request as { readonly targetRequestId: string };
      const waiting = state.requests.get(targetRequestId);
      return { request: waiting && queuedRequestOf(lab, waiting) };
    }
    case 'PutOffer': {
      const offer = state.offers.get(data);
      return offer === undefined ? request : { offer: offerOf(offer) };
    }
    default:
      return {};
  }
}
