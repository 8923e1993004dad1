import type { LabRules, Lack } from '../src/domain/model.js';
import { bestAssignment, canServe } from './naive-rules.js';
import type { NaiveShare } from './naive-limits.js';
import { isHeldBack } from './naive-limits.js';
import { canBeMet, isMadeFor } from './naive-matching.js';
import type { NaiveState } from './naive-state.js';
import { ranked, same } from './naive-state.js';

/** What waiting requests lack and offers could make, one entry for each bench; then equal neighbours are put together. */
export function lacksNaively(state: NaiveState, rules: LabRules): Lack[] {
  /** What those before will have, once it is made for them. */
  const coming: NaiveShare[] = [];
  const singles = ranked(state, rules).flatMap(({ spec, aside, arrivalMs }): Lack[] => {
    if (aside || spec.booking !== undefined || isHeldBack(state, rules, spec, coming)) return [];
    if (!canBeMet(state, spec, (bench) => !bench.retired, isMadeFor)) return [];
    const { requirements, affinity, requestId } = spec;
    const mine = state.benches.filter((bench) => state.claims.get(bench.spec.name) === requestId);
    const met = bestAssignment(
      requirements.map((requirement) =>
        mine
          .filter((bench) => canServe(requirement, { ...bench.spec, origin: bench.origin }, affinity))
          .map((bench) => bench.spec.name),
      ),
    );
    const lacks = requirements.flatMap((requirement, i): Lack[] => {
      const offers = state.offers
        .filter((offer) => {
          const made = { ...offer, name: '', affinity: '', origin: `pool/${offer.pool}` };
          return canServe(requirement, made, affinity);
        })
        .map(({ pool, attributes }) => {
          const asked = attributes.filter(({ name }) => requirement.attributes.includes(name));
          return { pool, weight: asked.reduce((sum, { weight }) => sum + weight, 0) };
        })
        .sort((a, b) => (a.pool < b.pool ? -1 : 1));
      if (met[i] !== undefined || offers.length === 0) return [];
      return [{ requirement, affinity, count: 1, sinceMs: arrivalMs, offers }];
    });
    const isMaking = ({ requirement, offers }: Lack): boolean =>
      state.offers
        .filter(({ pool }) => offers.some((one) => one.pool === pool))
        .some((offer) => isMadeFor(offer, requirement) && offer.available + (offer.starting ?? 0) > 0);
    if (lacks.length > 0 && lacks.every(isMaking)) coming.push({ spec, benches: requirements.length });
    return lacks;
  });
  const together: Lack[] = [];
  for (const lack of singles) {
    const last = together.at(-1);
    if (last === undefined || !same([last.requirement, last.affinity], [lack.requirement, lack.affinity])) {
      together.push(lack);
    } else {
      const sinceMs = Math.min(last.sinceMs, lack.sinceMs);
      together[together.length - 1] = { ...last, count: last.count + 1, sinceMs };
    }
  }
  return together;
}
