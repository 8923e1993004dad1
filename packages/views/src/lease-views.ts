import {
  type Bench,
  type Condition,
  ConditionState,
  Recycle,
  type Requirement,
} from '@berth/proto/berth/lease/v1/bench';
import {
  type Candidate,
  type HeldLimit,
  HoldMode,
  type Lease,
  type Queued,
  type QueuedRequest,
  WaitReason,
} from '@berth/proto/berth/lease/v1/lease';
import type { Reservation } from '@berth/proto/berth/lease/v1/reservation';
import { enumWords } from './enum-name.js';
import { seconds } from './seconds.js';

/** The name of a condition for people: ready, maintenance, quarantined, offline. */
export function stateName(state: ConditionState | undefined): string {
  return enumWords(ConditionState, state ?? ConditionState.READY);
}

function conditionView(condition: Condition | undefined) {
  const { state, reason = '', actor, since, until } = condition ?? {};
  return { state: stateName(state), reason: reason || undefined, by: actor?.name, since, until };
}

/** A bench as `-o json` and `-o yaml` show it. */
export function benchView(bench: Bench) {
  const { name, location, labels, affinity, origin, etag, properties, waiting, deleting } = bench;
  return {
    name,
    location,
    attributes: bench.attributes,
    entities: bench.entities,
    properties,
    labels,
    affinity: affinity || undefined,
    condition: conditionView(bench.condition),
    origin,
    etag,
    lease: bench.leaseId || undefined,
    holder: bench.holder || undefined,
    holderDescription: bench.holderDescription || undefined,
    heldSince: bench.heldSince,
    heldUntil: bench.heldUntil,
    waiting,
    deleting,
    recycle: bench.recycle === Recycle.CLEAN ? 'clean' : undefined,
    cleaningToken: bench.cleaningToken || undefined,
  };
}

/** A lease as `-o json` and `-o yaml` show it. */
export function leaseView(lease: Lease) {
  const { id, lab, owner, description, fencingToken, labels, requestId, affinity, detached } = lease;
  return {
    id,
    lab,
    owner,
    description,
    benches: lease.benches.map(({ name, location, entities, properties }) => ({
      name,
      location,
      entities,
      properties,
    })),
    fencingToken,
    hold: enumWords(HoldMode, lease.hold),
    ttl: seconds(lease.ttl),
    remaining: seconds(lease.remaining),
    grantTime: lease.grantTime,
    expireTime: lease.expireTime,
    endTime: lease.endTime,
    labels,
    requestId,
    affinity: affinity || undefined,
    detached,
    transferredFrom: lease.transferredFrom || undefined,
    booking: lease.booking || undefined,
  };
}

/** A requirement in one line, in the form of a query. */
export function requirementText(requirement: Requirement): string {
  const { bench, location, attributes, entities, pool, labels, count, query } = requirement;
  const entityLists = entities.map((entity) => `[${[entity.name, ...entity.attributes].filter(Boolean).join(',')}]`);
  const labelList = Object.entries(labels).map(([key, value]) => `${key}:${value}`);
  const parts = [
    query,
    bench,
    location && `location=${location}`,
    attributes.length > 0 && `attributes=[${attributes.join(',')}]`,
    entities.length > 0 && `entity_properties=[${entityLists.join(',')}]`,
    pool && `pool=${pool}`,
    labelList.length > 0 && `labels=[${labelList.join(',')}]`,
    count !== undefined && count > 1 && `count=${String(count)}`,
  ];
  return parts.filter((part) => typeof part === 'string' && part !== '').join('&');
}

const REASONS: Record<WaitReason, string> = {
  [WaitReason.UNSPECIFIED]: '',
  [WaitReason.UNRECOGNIZED]: '',
  [WaitReason.HELD]: 'all are held',
  [WaitReason.PARTIAL]: 'some are free and kept for it, others are held',
  [WaitReason.CLAIMED]: 'one is free, but kept for a request before it',
  [WaitReason.UNAVAILABLE]: 'all are out of service',
  [WaitReason.PROVISIONING]: 'a pool makes one',
  [WaitReason.OFFER_BLOCKED]: 'the pool cannot make one now',
  [WaitReason.KEPT_BACK]: 'one is free, but kept back for a request before it whose caller is not connected',
  [WaitReason.AWAY]: 'its caller is not connected, or it would have one',
  [WaitReason.CLEANING]: 'one is being cleaned after its last lease',
  [WaitReason.BOOKED]: 'what is not held is booked',
  [WaitReason.QUOTA]: 'its owner or team holds as much as a limit allows',
};

/** Why a request waits, for people. */
export function waitReasonText({ reason, heldLimit }: Pick<Queued, 'reason' | 'heldLimit'>): string {
  if (heldLimit === undefined) return REASONS[reason];
  const { owner, team, limit, held } = heldLimit;
  return `${team === '' ? owner : `team ${team}`} holds ${String(held)} of the ${String(limit)} that a limit allows`;
}

function heldLimitView(heldLimit: HeldLimit | undefined) {
  if (heldLimit === undefined) return undefined;
  const { owner, team, limit, held } = heldLimit;
  return { owner: owner || undefined, team: team || undefined, limit, held };
}

/** A waiting request as `-o json` and `-o yaml` show it. */
export function requestView(request: QueuedRequest) {
  const { requestId, owner, description, position, priority, arrivalTime, waitUntil, claimedBenches, detached } =
    request;
  return {
    requestId,
    owner,
    description,
    requirements: request.requirements.map(requirementText),
    position,
    priority,
    arrivalTime,
    waitUntil,
    claimedBenches,
    detached,
    reason: WaitReason[request.reason],
    heldLimit: heldLimitView(request.heldLimit),
    labels: request.labels,
    affinity: request.affinity || undefined,
    booking: request.booking || undefined,
  };
}

/** A reservation as `-o json` and `-o yaml` show it. */
export function reservationView({ id, version, benches, owners, startTime, endTime, started, used }: Reservation) {
  return { booking: id, version, benches, owners, startTime, endTime, started, used };
}

/** A place in the queue as `-o json` shows it. */
export function queuedView(queued: Queued) {
  return {
    requestId: queued.requestId,
    position: queued.position,
    waiting: queued.waiting,
    reason: WaitReason[queued.reason],
    heldLimit: heldLimitView(queued.heldLimit),
    estimatedWait: seconds(queued.estimatedWait),
    candidates: queued.candidates.map(candidateView),
    candidateTotal: queued.candidateTotal,
    offers: queued.offers,
    claimedBenches: queued.claimedBenches,
  };
}

function candidateView(candidate: Candidate) {
  const { bench, holder, holderDescription, heldSince, expireTime, waiting, claimedBy, bookedBy } = candidate;
  return {
    bench,
    condition: conditionView(candidate.condition),
    holder: holder || undefined,
    holderDescription: holderDescription || undefined,
    heldSince,
    expireTime,
    waiting,
    claimedBy: claimedBy || undefined,
    cleaning: candidate.cleaning || undefined,
    bookedBy: bookedBy || undefined,
    bookedFrom: candidate.bookedFrom,
    bookedUntil: candidate.bookedUntil,
  };
}
