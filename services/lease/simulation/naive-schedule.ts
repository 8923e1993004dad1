import type { BenchSpec, LabRules } from '../src/domain/model.js';
import { bestAssignment } from './naive-rules.js';
import type { NaiveRequest, NaiveState } from './naive-state.js';
import { canBeMet, isMadeFor, preferred, ranked } from './naive-state.js';

/** Who was given which benches. */
export interface NaiveGrant {
  readonly requestId: string;
  readonly benches: readonly string[];
}

/** Offers the free benches in order of rank, round after round until a round grants nothing; tells what was granted. */
export function scheduleNaively(state: NaiveState, rules: LabRules, now: number): NaiveGrant[] {
  const grants: { request: NaiveRequest; benches: string[] }[] = [];
  const claims = new Map<string, string>();
  for (const request of ranked(state, rules)) {
    if (request.aside) continue;
    const taken = [...claims.keys(), ...grants.flatMap((grant) => grant.benches)];
    const { spec } = request;
    const found = bestAssignment(spec.requirements.map((requirement) => preferred(state, requirement, spec, taken)));
    const benches = found.filter((name) => name !== undefined);
    const complete = benches.length === found.length;
    if (complete && request.detachedUntilMs === undefined) grants.push({ request, benches });
    else if (complete || (!rules.backfill && canBeMet(state, spec, (bench) => !bench.retired, isMadeFor))) {
      for (const name of benches) claims.set(name, spec.requestId);
    }
  }
  state.claims = claims;
  for (const { request, benches } of grants) grant(state, request, benches, now);
  const told = grants.map(({ request, benches }) => ({ requestId: request.spec.requestId, benches }));
  return told.length === 0 ? told : [...told, ...scheduleNaively(state, rules, now)];
}

function grant(
  { queue, leases, benches: all }: NaiveState,
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
    endMs: spec.maxDurationMs === undefined ? undefined : now + spec.maxDurationMs,
    transferredFrom: '',
  });
}

/** How benches are described now. */
export function specsOf(benches: NaiveState['benches'], names: readonly string[]): BenchSpec[] {
  return names.flatMap((name) => {
    const spec = benches.find((bench) => bench.spec.name === name)?.spec;
    return spec === undefined ? [] : [structuredClone(spec)];
  });
}
