import { systemClock } from '@berth/kernel';
import type { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import type { ServiceImplementation } from '@berth/server';
import { byOf } from '@berth/server';
import {
  heldLease,
  noSuchLease,
  planCancel,
  planDeleteReservation,
  planExtend,
  planPrioritise,
  planPutReservation,
  planRelease,
  planRevoke,
  planTransfer,
  QueueViews,
} from '../../domain/index.js';
import { sees } from '../access.js';
import { StreamSink } from './acquire-sink.js';
import { batches } from './batches.js';
import { checkToken } from './check-token.js';
import type { HandlerDeps } from '../handler-deps.js';
import { openLab } from '../handler-deps.js';
import { renewAll, seen, ttlLease } from './keep-alive.js';
import { leaseOf } from './lease-to-proto.js';
import { listLeases, listQueue } from './list-leases.js';
import { mutate } from '../commands/mutation.js';
import {
  CANCEL_REQUEST,
  DELETE_RESERVATION,
  EXTEND,
  PUT_RESERVATION,
  REVOKE,
  SET_PRIORITY,
  TRANSFER,
} from '../commands/mutations.js';
import { parseAcquire } from './parse-acquire.js';
import { checkCancel, checkLeaseId, checkRevoke, parseExtend, parsePriority, parseTransfer } from './parse-calls.js';
import { queuedRequestOf } from './queue-to-proto.js';
import { listReservations } from '../reservations/list-reservations.js';
import {
  checkListReservations,
  parseDeleteReservation,
  parsePutReservation,
} from '../reservations/parse-reservation.js';
import { reservationOf } from '../reservations/reservation-to-proto.js';
import { WarnedLeases } from './warned-leases.js';
import { watchDemand } from '../watch/watch-demand.js';
import { watchLab } from '../watch/watch.js';

/** Renewals that are taken to the store together. */
const RENEWALS = 1000;

/** The methods of LeaseService. */
export function leaseHandlers(deps: HandlerDeps): ServiceImplementation<LeaseServiceDefinition> {
  const clock = deps.clock ?? systemClock(false);
  return {
    async acquire(request, call, out) {
      const lab = await openLab(deps, request.lab);
      await lab.acquire(
        parseAcquire(request, call.caller, deps.priorityCaps),
        new StreamSink(lab, call.caller.name, out, request.tellOnce),
        call,
      );
    },

    async renew(request, call) {
      const lab = await openLab(deps, request.lab);
      await seen(lab, [request.leaseId]);
      const lease = ttlLease(lab, request, byOf(call));
      const [done] = await lab.touch([lease]);
      // Also when it ended on the way: what its benches are by now is for the next holder.
      if (done !== true || lab.state.leases.get(lease.id) !== lease) throw noSuchLease(request.leaseId);
      return { lease: leaseOf(lab, lease, true) };
    },

    async keepAlive(requests, call, out) {
      const warned = new WarnedLeases((message) => void out.write(message));
      try {
        for await (const batch of batches(requests, RENEWALS, call.shutdown)) {
          const answers = await renewAll(batch, (lab) => openLab(deps, lab), byOf(call), warned);
          for (const answer of answers) if (!(await out.write(answer))) return;
        }
      } finally {
        warned.close();
      }
    },

    async release(request, call) {
      checkLeaseId(request);
      const lab = await openLab(deps, request.lab);
      const { leaseId, fencingToken } = request;
      // Repeating it is harmless, so no answer is kept: that would cost every cycle a key.
      const command = { requestId: '', fingerprint: '' };
      const by = byOf(call);
      return {
        released: await lab.run({ ...command, plan: (draft) => planRelease(draft, leaseId, by, fencingToken) }),
      };
    },

    async revoke(request, call) {
      checkRevoke(request);
      const lab = await openLab(deps, request.lab);
      return mutate(REVOKE, lab, request, call, (draft) => ({
        revoked: planRevoke(draft, request.leaseId, byOf(call), request.reason),
      }));
    },

    async transfer(request, call) {
      const transfer = parseTransfer(request);
      const lab = await openLab(deps, request.lab);
      return mutate(TRANSFER, lab, request, call, (draft) => ({
        lease: leaseOf(lab, heldLease(draft.state, planTransfer(draft, byOf(call), transfer), byOf(call)), true),
      }));
    },

    async extend(request, call) {
      const durationMs = parseExtend(request);
      const lab = await openLab(deps, request.lab);
      const { leaseId, fencingToken } = request;
      return mutate(EXTEND, lab, request, call, (draft) => {
        planExtend(draft, leaseId, byOf(call), durationMs, fencingToken);
        return { lease: leaseOf(lab, heldLease(draft.state, leaseId, byOf(call)), true) };
      });
    },

    async getLease(request, call) {
      checkLeaseId(request);
      const lab = await openLab(deps, request.lab);
      await seen(lab, [request.leaseId]);
      const lease = lab.state.leases.get(request.leaseId);
      if (lease === undefined) throw noSuchLease(request.leaseId);
      return { lease: leaseOf(lab, lease, sees(call, lease.owner)) };
    },

    async listLeases(request, call) {
      return listLeases(await openLab(deps, request.lab), request, call);
    },

    async listQueue(request) {
      return listQueue(await openLab(deps, request.lab), request);
    },

    async cancelRequest(request, call) {
      const { targetRequestId, reason } = request;
      checkCancel(request);
      const lab = await openLab(deps, request.lab);
      return mutate(CANCEL_REQUEST, lab, request, call, (draft) => {
        planCancel(draft, targetRequestId, byOf(call), reason);
        return {};
      });
    },

    async setPriority(request, call) {
      const priority = parsePriority(request);
      const lab = await openLab(deps, request.lab);
      return mutate(SET_PRIORITY, lab, request, call, (draft) => {
        planPrioritise(draft, request.targetRequestId, byOf(call), priority);
        const { state, now } = draft;
        const waiting = state.requests.get(request.targetRequestId);
        // Places as the draft has them: those that the lab has derived are for what is committed.
        const drafted = { state, views: new QueueViews(state), now: () => now };
        return { request: waiting && queuedRequestOf(drafted, waiting) };
      });
    },

    async putReservation(request, call) {
      const wanted = parsePutReservation(request);
      const lab = await openLab(deps, request.lab);
      return mutate(PUT_RESERVATION, lab, request, call, (draft) => {
        const { done, reservation } = planPutReservation(draft, wanted, request.force, byOf(call));
        return { current: done, reservation: reservation && reservationOf(reservation) };
      });
    },

    async deleteReservation(request, call) {
      const deletion = parseDeleteReservation(request);
      const lab = await openLab(deps, request.lab);
      return mutate(DELETE_RESERVATION, lab, request, call, (draft) => {
        const { done, reservation } = planDeleteReservation(draft, deletion, byOf(call));
        return { deleted: done, reservation: reservation && reservationOf(reservation) };
      });
    },

    async listReservations(request) {
      checkListReservations(request);
      return listReservations(await openLab(deps, request.lab), request);
    },

    async checkToken(request) {
      const lab = await openLab(deps, request.lab);
      // A guard relies on it: what another replica committed a moment ago counts.
      await lab.upToDate();
      return checkToken(lab, request);
    },

    async watch(request, call, out) {
      await watchLab(await openLab(deps, request.lab), request, call, out, clock);
    },

    async watchDemand(request, call, out) {
      await watchDemand(await openLab(deps, request.lab), call, out, clock);
    },
  };
}
