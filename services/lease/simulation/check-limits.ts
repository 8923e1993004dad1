import type { Lease } from '../src/domain/entities.js';
import type { RequestSpec } from '../src/domain/model.js';
import type { LabState } from '../src/domain/state.js';

/** Whether a request would bring its owner or team beyond what they may hold, as the leases are now: rule 19 without the model. */
export function isBeyond(state: LabState, spec: RequestSpec, asked: number): boolean {
  if (spec.booking !== undefined) return false;
  const { role = '', team = '' } = spec;
  const [ofRole, ofTeam] = [state.rules.limits?.roles[role], state.rules.limits?.teams[team]];
  return (
    heldBy(state, (owner) => owner === spec.owner) + asked > (ofRole?.held ?? Infinity) ||
    heldBy(state, (_, its) => its === team) + asked > (ofTeam?.held ?? Infinity)
  );
}

/** What owners and teams have that they may not; of those who were given a lease, or booked one, only their other things. */
export function beyondLimits(state: LabState): string[] {
  const { roles = {}, teams = {} } = state.rules.limits ?? {};
  const leases = [...state.leases.values()];
  const wrong: string[] = [];
  const check = (whose: string, what: string, has: number, most = Infinity): void => {
    if (has > most) wrong.push(`${whose} has ${what} ${String(has)}, and may have ${String(most)}`);
  };
  const checkHeld = (whose: string, its: readonly Lease[], most: number | undefined): void => {
    if (its.some(({ spec, owner }) => spec.booking !== undefined || owner !== spec.owner)) return;
    const has = its.reduce((sum, { benches }) => sum + benches.length, 0);
    check(whose, 'benches', has, most);
  };
  for (const owner of new Set(leases.map((lease) => lease.owner))) {
    const its = leases.filter((lease) => lease.owner === owner);
    // The simulated owners call with several roles: the most generous limit may have let one have its last bench.
    const allowed = its.map(({ spec }) => roles[spec.role ?? '']?.held ?? Infinity);
    checkHeld(owner, its, Math.max(...allowed));
  }
  for (const [team, limit] of Object.entries(teams)) {
    const its = leases.filter(({ spec, owner }) => spec.team === team && owner === spec.owner);
    checkHeld(`team ${team}`, its, limit?.held);
    const waiting = [...state.requests.values()].filter(({ spec }) => spec.team === team && spec.booking === undefined);
    check(`team ${team}`, 'waiting', waiting.length, limit?.waiting);
  }
  for (const { spec } of [...leases, ...state.requests.values()]) {
    if (spec.booking !== undefined) continue;
    const { requestId, maxDurationMs = Infinity } = spec;
    check(requestId, 'max_duration', maxDurationMs, roles[spec.role ?? '']?.maxDurationMs);
    check(requestId, 'max_duration', maxDurationMs, teams[spec.team ?? '']?.maxDurationMs);
  }
  return wrong;
}

function heldBy(state: LabState, counts: (owner: string, team: string | undefined) => boolean): number {
  return [...state.leases.values()]
    .filter(({ owner, spec }) => counts(owner, owner === spec.owner ? spec.team : undefined))
    .reduce((sum, { benches }) => sum + benches.length, 0);
}
