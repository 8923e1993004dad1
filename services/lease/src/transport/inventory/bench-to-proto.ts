import type { Bench as BenchMessage, Offer as OfferMessage } from '@berth/proto/berth/lease/v1/bench';
import { Recycle } from '@berth/proto/berth/lease/v1/bench';
import { dateOf, durationOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Bench, BenchSpec, Lease, Offer } from '../../domain/index.js';
import { etagOf } from '../../domain/index.js';
import { attributesOf, conditionOf, entitiesOf } from '../values-to-proto.js';

/** The etag of what a bench is not any more: no bench ever has it. */
const OUTDATED = '0';

/** What of a lab messages are made from. */
export type LabView = Pick<Lab, 'name' | 'state' | 'views' | 'now' | 'remainingMs'>;

/**
 * A bench with its present holder, described as it is, or as it was granted (`spec`). Properties hold addresses and keys:
 * they are for the holder and for operators.
 */
export function benchOf(
  lab: LabView,
  bench: Bench,
  withProperties: boolean,
  spec: BenchSpec = bench.spec,
): BenchMessage {
  const { lease } = bench;
  return {
    name: spec.name,
    location: spec.location,
    attributes: attributesOf(spec.attributes),
    entities: entitiesOf(spec.entities, withProperties),
    properties: withProperties ? { ...spec.properties } : {},
    labels: { ...spec.labels },
    affinity: spec.affinity,
    condition: conditionOf(bench.condition),
    origin: bench.origin,
    // An update that was made from an older description must be refused.
    etag: spec === bench.spec ? etagOf(bench) : OUTDATED,
    leaseId: lease?.id ?? '',
    holder: lease?.owner ?? '',
    holderDescription: lease?.spec.description ?? '',
    heldSince: dateOf(lease?.grantedMs),
    heldUntil: lease === undefined ? undefined : dateOf(knownEndMs(lab, lease)),
    waiting: lab.views.waitingFor(bench),
    deleting: bench.retired,
    recycle: spec.recycle === 'CLEAN' ? Recycle.CLEAN : Recycle.UNSPECIFIED,
    cleaningToken: bench.cleaning,
  };
}

/** When a lease ends if nothing is done; undefined when that is not known: while its stream is open, and for MANUAL. */
export function knownEndMs(lab: LabView, lease: Lease): number | undefined {
  if (lease.hold === 'TTL') {
    const remainingMs = lab.remainingMs(lease);
    return remainingMs === undefined ? undefined : lab.now() + remainingMs;
  }
  const { endMs = Infinity, detachedUntilMs = Infinity } = lease;
  const soonest = Math.min(endMs, detachedUntilMs);
  return soonest === Infinity ? undefined : soonest;
}

export function offerOf(offer: Offer): OfferMessage {
  const { pool, location, available, capacity, blockedReason, starting = 0, concurrency = 0, onDemand = [] } = offer;
  return {
    pool,
    location,
    attributes: attributesOf(offer.attributes),
    labels: { ...offer.labels },
    available,
    capacity,
    blockedReason,
    updateTime: new Date(offer.updatedMs),
    entities: entitiesOf(offer.entities, false),
    starting,
    makeTime: durationOf(offer.makeTimeMs),
    concurrency,
    onDemand: [...onDemand],
  };
}
