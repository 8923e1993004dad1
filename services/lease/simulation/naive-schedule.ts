import type { BenchSpec, LabRules, RequestSpec } from '../src/domain/model.js';
import { bestAssignment } from './naive-rules.js';
import { isLeftFor, requirementsOf } from './naive-bookings.js';
import { isHeldBack } from './naive-limits.js';
import { canBeMet, isMadeFor, preferred } from './naive-matching.js';
import type { NaiveBench, NaiveRequest, NaiveState } from './naive-state.js';
import { ranked } from './naive-state.js';

/** Who was given which benches. */
export interface NaiveGrant {
  readonly requestId: string;
  readonly benches: readonly string[];
}

/** Offers the free benches in order of rank, round after round until a round grants nothing; tells what was granted. */
export function scheduleNaively(state: NaiveState, rules: LabRules, now: number): NaiveGrant[] {
  // What is booked too soon for it a request can not count on.
  const mayHave = ({ spec: { name }, retired }: NaiveBench, spec: RequestSpec): boolean =>
    !retired && isLeftFor(state, name, spec, rules, now);
  const grants: { request: NaiveRequest; benches: string[] }[] = [];
  const claims = new Map<string, string>();
  for (const request of ranked(state, rules)) {
    const { spec } = request;
    const given = grants.map((grant) => ({ spec: grant.request.spec, benches: grant.benches.length }));
    if (request.aside || isHeldBack(state, rules, spec, given)) continue;
    const taken = [...claims.keys(), ...grants.flatMap((grant) => grant.benches)];
    const choices = requirementsOf(state, spec).map((requirement) =>
      preferred(state, requirement, spec, taken, rules, now),
    );
    const found = bestAssignment(choices);
    const benches = found.filter((name) => name !== undefined);
    const complete = benches.length === found.length;
    if (complete && request.detachedUntilMs === undefined) grants.push({ request, benches });
    else if (complete || (!rules.backfill && canBeMet(state, spec, (bench) => mayHave(bench, spec), isMadeFor))) {
      for (const name of benches) claims.set(name, spec.requestId);
    }
  }
  state.claims = claims;
  for (const { request, benches } of grants) grant(state, request, benches, now);
  const told = grants.map(({ request, benches }) => ({ requestId: request.spec.requestId, benches }));
  return told.length === 0 ? told : [...told, ...scheduleNaively(state, rules, now)];
}

function grant(
  { queue, leases, benches: all, reservations }: NaiveState,
  request: NaiveRequest,
  benches: string[],
  now: number,
): void {
  queue.splice(queue.indexOf(request), 1);
  const { spec } = request;
  leases.push({
    spec,
    owner: spec.owner,
    benches,
    specs: specsOf(all, benches),
    grantedMs: now,
    hold: spec.hold,
    ttlMs: spec.ttlMs,
    session: spec.hold === 'CONNECTION' ? request.session : '',
    detachedUntilMs: undefined,
    ownEndMs: spec.maxDurationMs === undefined ? undefined : now + spec.maxDurationMs,
    transferredFrom: '',
  });
  for (const one of reservations) if (one.id === spec.booking) one.used = true;
}

/** How benches are described now. */
export function specsOf(benches: NaiveState['benches'], names: readonly string[]): BenchSpec[] {
  return names.flatMap((name) => {
    const spec = benches.find((bench) => bench.spec.name === name)?.spec;
    return spec === undefined ? [] : [structuredClone(spec)];
  });
}
