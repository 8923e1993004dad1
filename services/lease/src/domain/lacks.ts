import { requirementKey } from './demand-key.js';
import type { Bench, Demand, Waiting } from './entities.js';
import { makesFor, offerAsMatchable, offersFor, unmet } from './feasible.js';
import { assign, weightOf } from './matching.js';
import type { Lack, Requirement } from './model.js';
import { schedule } from './schedule.js';
import type { LabState } from './state.js';

/** A requirement of a demand, and what could be made for it. */
interface Need {
  readonly requirement: Requirement;
  /** Equal for needs of the same. */
  readonly key: string;
  readonly offers: Lack['offers'];
}

const MOST_LACKS = 1000;

/**
 * What waiting requests lack beyond what is kept for them, as far as offers could make it: in the order of the requests, equal
 * neighbours counted. Not of requests that are set aside, nor of those that could never be met as things are, or only by what
 * nobody makes for them.
 */
export function lacksOf(
  state: LabState,
  now: number,
): { readonly lacks: readonly Lack[]; readonly claimed: readonly Bench[] } {
  const { claims } = schedule(state, now);
  const claimed = [...claims.keys()];
  const lacks: Lack[] = [];
  if (state.offers.size === 0) return { lacks, claimed };
  const needs = new Map<Demand, readonly Need[]>();
  const claimsOf = new Map<Waiting, Bench[]>();
  for (const [bench, request] of claims) claimsOf.set(request, [...(claimsOf.get(request) ?? []), bench]);
  let lastKey = '';
  for (const request of state.queue) {
    if (request.aside) continue;
    const { demand, arrivalMs } = request;
    const known = needs.get(demand) ?? needsOf(state, demand);
    needs.set(demand, known);
    for (const { requirement, key, offers } of missing(known, demand, claimsOf.get(request) ?? [])) {
      const last = lacks.at(-1);
      if (last !== undefined && key === lastKey) {
        lacks[lacks.length - 1] = { ...last, count: last.count + 1, sinceMs: Math.min(last.sinceMs, arrivalMs) };
        continue;
      }
      if (lacks.length === MOST_LACKS) return { lacks, claimed };
      lacks.push({ requirement, affinity: demand.affinity, count: 1, sinceMs: arrivalMs, offers });
      lastKey = key;
    }
  }
  return { lacks, claimed };
}

/** A need for each requirement of a demand; none when offers can do nothing for it. */
function needsOf(state: LabState, demand: Demand): readonly Need[] {
  const { requirements, affinity } = demand;
  const needs = requirements.map((requirement): Need => {
    const offers = offersFor(state, requirement, affinity).map((offer) => {
      return { pool: offer.pool, weight: weightOf(requirement, offerAsMatchable(offer)) };
    });
    offers.sort((a, b) => (a.pool < b.pool ? -1 : 1));
    return { requirement, key: `${requirementKey(requirement)} ${affinity}`, offers };
  });
  const isInVain =
    demand.booking !== '' ||
    needs.every(({ offers }) => offers.length === 0) ||
    unmet(state, demand, isLasting, makesFor).length > 0;
  return isInVain ? [] : needs;
}

function isLasting({ retired }: Bench): boolean {
  return !retired;
}

/** The needs that are met by none of the benches that are kept for a request, and that offers could meet. */
function missing(needs: readonly Need[], { matching }: Demand, kept: readonly Bench[]): readonly Need[] {
  const fits = (i: number): readonly Bench[] => kept.filter((bench) => matching[i]?.has(bench) === true);
  const found = kept.length === 0 ? [] : assign(needs.length, fits);
  return needs.filter(({ offers }, i) => offers.length > 0 && found[i] === undefined);
}
