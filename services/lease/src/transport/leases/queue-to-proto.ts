import type { Requirement as RequirementMessage } from '@berth/proto/berth/lease/v1/bench';
import type {
  Candidate as CandidateMessage,
  HeldLimit,
  Queued,
  QueuedRequest,
} from '@berth/proto/berth/lease/v1/lease';
import { WaitReason } from '@berth/proto/berth/lease/v1/lease';
import { dateOf, durationOf } from '@berth/server';
import type { Candidate, DemandView, QueuedView, Requirement, Waiting } from '../../domain/index.js';
import { ownersText } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { knownEndMs, offerOf } from '../inventory/bench-to-proto.js';
import { conditionOf } from '../values-to-proto.js';

/** A request with its place; one that waits no more has none (position 0). */
export function queuedRequestOf(lab: Pick<LabView, 'state' | 'views' | 'now'>, request: Waiting): QueuedRequest {
  const { spec } = request;
  const waits = lab.state.requests.get(spec.requestId) === request;
  const view = waits ? lab.views.queued(request, lab.now()) : undefined;
  return {
    requestId: spec.requestId,
    owner: spec.owner,
    description: spec.description,
    requirements: spec.requirements.map(requirementOf),
    position: view?.position ?? 0,
    priority: request.priority,
    arrivalTime: new Date(request.arrivalMs),
    waitUntil: dateOf(request.waitUntilMs),
    claimedBenches: view?.claimed.map((bench) => bench.spec.name) ?? [],
    detached: request.detachedUntilMs !== undefined,
    reason: view === undefined ? WaitReason.UNSPECIFIED : WaitReason[view.reason],
    labels: { ...spec.labels },
    affinity: spec.affinity,
    booking: spec.booking ?? '',
    heldLimit: heldLimitOf(view?.quota),
  };
}

function heldLimitOf(quota: QueuedView['quota']): HeldLimit | undefined {
  if (quota === undefined) return undefined;
  const { of, name, limit, has: held } = quota;
  return { owner: of === 'owner' ? name : '', team: of === 'team' ? name : '', limit, held };
}

/** A requirement as it is told, its count expanded. */
export function requirementOf({
  bench,
  location,
  attributes,
  entities,
  pool,
  labels,
}: Requirement): RequirementMessage {
  return {
    bench,
    location,
    attributes: [...attributes],
    entities: entities.map((entity) => ({ name: entity.name, attributes: [...entity.attributes] })),
    pool,
    labels: { ...labels },
    count: undefined,
    query: '',
  };
}

/** Offers that a waiting caller is told of: 1 MiB of them at most. */
const MOST_OFFERS = 16;

/** What a waiting caller is told. */
export function queuedOf(lab: LabView, view: QueuedView): Queued {
  return { ...ownPart(view), ...sharedPart(lab, view.shared) };
}

/** What only this caller is told; the fields of `sharedPart` are empty, so that they take no bytes. */
export function ownPart(view: QueuedView): Queued {
  return {
    requestId: view.request.spec.requestId,
    position: view.position,
    waiting: view.waiting,
    reason: WaitReason[view.reason],
    candidates: [],
    candidateTotal: 0,
    estimatedWait: durationOf(view.estimatedWaitMs),
    offers: [],
    claimedBenches: view.claimed.map((bench) => bench.spec.name),
    heldLimit: heldLimitOf(view.quota),
  };
}

/** What all callers are told that want the same. */
export function sharedPart(
  lab: LabView,
  { candidates, candidateTotal, offers }: DemandView,
): Pick<Queued, 'candidates' | 'candidateTotal' | 'offers'> {
  return {
    candidates: candidates.map((candidate) => candidateOf(lab, candidate)),
    candidateTotal,
    offers: offers.slice(0, MOST_OFFERS).map(offerOf),
  };
}

function candidateOf(lab: LabView, { bench, claimedBy, booked }: Candidate): CandidateMessage {
  const { lease } = bench;
  return {
    bench: bench.spec.name,
    condition: conditionOf(bench.condition),
    holder: lease?.owner ?? '',
    holderDescription: lease?.spec.description ?? '',
    heldSince: dateOf(lease?.grantedMs),
    expireTime: lease === undefined ? undefined : dateOf(knownEndMs(lab, lease)),
    waiting: lab.views.waitingFor(bench),
    claimedBy: claimedBy?.spec.owner ?? '',
    cleaning: bench.cleaning !== 0,
    bookedBy: booked === undefined ? '' : ownersText(booked),
    bookedFrom: dateOf(booked?.startMs),
    bookedUntil: dateOf(booked?.endMs),
  };
}
