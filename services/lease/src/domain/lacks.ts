import { allowanceOf } from './allowance.js';
import { requirementKey } from './demand-key.js';
import type { Bench, Demand, Waiting } from './entities.js';
import { isMaking, makesFor, offerAsMatchable, offersFor, unmet } from './feasible.js';
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
  /** One of the offers makes it now, or will. */
  readonly isMade: boolean;
}

const MOST_LACKS = 1000;

/**
 * What waiting requests lack beyond what is kept for them, as far as offers could make it: in the order of the requests, equal
 * neighbours counted. Not of requests that are set aside, nor of those that could never be met as things are, or only by what
 * nobody makes for them. Nor of those that a limit holds back (rule 19), now or once what is made for those before is theirs.
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
  const allowance = allowanceOf(state);
  let lastKey = '';
  for (const request of state.queue) {
    if (request.aside || allowance?.shortOf(request) !== undefined) continue;
    const { demand, arrivalMs } = request;
    const known = needs.get(demand) ?? needsOf(state, demand);
    needs.set(demand, known);
    const lacking = missing(known, demand, claimsOf.get(request) ?? []);
    // While its pools make nothing, others of its owner may have what other pools make.
    if (lacking.length > 0 && lacking.every(({ isMade }) => isMade)) allowance?.take(request);
    for (const { requirement, key, offers } of lacking) {
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
    const served = offersFor(state, requirement, affinity);
    const offers = served.map((offer) => {
      return { pool: offer.pool, weight: weightOf(requirement, offerAsMatchable(offer)) };
    });
    offers.sort((a, b) => (a.pool < b.pool ? -1 : 1));
    const isMade = served.some((offer) => makesFor(offer, requirement) && isMaking(offer));
    return { requirement, key: `${requirementKey(requirement)} ${affinity}`, offers, isMade };
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
