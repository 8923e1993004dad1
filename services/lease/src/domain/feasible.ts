import { BerthError, didYouMean } from '@berth/kernel';
import { asMatchable } from './bench-look.js';
import type { Demand } from './entities.js';
import type { Bench } from './entities.js';
import { assign, describeRequirement, meets, misses } from './matching.js';
import type { Matchable } from './matching.js';
import type { Offer, Requirement } from './model.js';
import type { LabState } from './state.js';

/** How what an offer would make looks to a requirement. A name cannot be asked of what is not there yet. */
export function offerAsMatchable(offer: Offer): Matchable {
  return { name: '', affinity: '', origin: `pool/${offer.pool}`, ...offer };
}

/** The offers from which a bench for this requirement could be made. */
export function offersFor(state: LabState, requirement: Requirement, affinity: string): Offer[] {
  const found: Offer[] = [];
  for (const offer of state.offers.values()) {
    if (meets(requirement, offerAsMatchable(offer), affinity)) found.push(offer);
  }
  return found;
}

/** Whether an offer makes a bench for this requirement: for any, or for one that asks for what it makes on demand. */
export function makesFor({ onDemand }: Offer, { attributes }: Requirement): boolean {
  return onDemand === undefined || attributes.some((name) => onDemand.includes(name));
}

/** Whether an offer has something in the making, or makes it once it is asked for. */
export function isMaking({ available, starting = 0 }: Offer): boolean {
  return available > 0 || starting > 0;
}

/**
 * The requirements (by index) that could not be met even if nothing were held, looking only at benches that pass `which`;
 * what an offer that counts could make counts as met, for as many benches as it stands for. Empty = the demand can be met one
 * day.
 */
export function unmet(
  state: LabState,
  demand: Demand,
  which: (bench: Bench) => boolean,
  counts: (offer: Offer, requirement: Requirement) => boolean = () => true,
): number[] {
  // As most demands are, in most labs.
  if (demand.requirements.length === 1 && state.offers.size === 0) {
    for (const bench of demand.matching[0]?.keys() ?? []) if (which(bench)) return [];
    return [0];
  }
  const open: number[] = [];
  const scarce = new Map<number, readonly Offer[]>();
  demand.requirements.forEach((requirement, i) => {
    // No pool makes what a booking has.
    const served = demand.booking === '' ? offersFor(state, requirement, demand.affinity) : [];
    const offers = served.filter((offer) => counts(offer, requirement));
    if (offers.some((offer) => !isScarce(offer, demand))) return;
    open.push(i);
    if (offers.length > 0) scarce.set(i, offers);
  });
  const places = new Map<Offer, readonly object[]>();
  const placesOf = (offer: Offer): readonly object[] => {
    const known = places.get(offer) ?? placesIn(state, offer);
    places.set(offer, known);
    return known;
  };
  const pairs = assign<object>(open.length, (at) => {
    const i = open[at] ?? 0;
    return [...[...(demand.matching[i]?.keys() ?? [])].filter(which), ...(scarce.get(i) ?? []).flatMap(placesOf)];
  });
  return pairs.flatMap((bench, at) => (bench === undefined ? [open[at] ?? 0] : []));
}

/** True of an offer that could not make all that a demand needs, were it to come from there. */
function isScarce({ capacity = Infinity }: Offer, { requirements }: Demand): boolean {
  return capacity < requirements.length;
}

/** What an offer stands for: the benches of its pool, each of which may be replaced one day, and what can be added. */
function placesIn(state: LabState, { pool, capacity = 0 }: Offer): readonly object[] {
  const present: object[] = [];
  for (const bench of state.benches.values()) {
    if (!bench.retired && bench.origin === `pool/${pool}`) present.push(bench);
  }
  const added = Array.from({ length: Math.max(0, capacity - present.length) }, () => ({}));
  return [...present, ...added];
}

/** Whether a demand could be met one day without a certain bench. */
export function feasibleWithout(state: LabState, demand: Demand, gone: ReadonlySet<Bench>): boolean {
  return unmet(state, demand, (bench) => !bench.retired && !gone.has(bench)).length === 0;
}

/** Throws when a request could never be met (NO_SUCH_BENCH), or not while things are as they are (BENCH_UNAVAILABLE). */
export function assertFeasible(state: LabState, demand: Demand): void {
  const missing = unmet(state, demand, (bench) => !bench.retired);
  const [first] = missing;
  if (first !== undefined) throw noSuchBench(state, demand, first);
  // Who spends a booking waits until its benches are ready.
  if (demand.booking !== '') return;
  const blocked = unmet(state, demand, (bench) => demand.isLent(bench));
  const [closed] = blocked;
  if (closed !== undefined) throw unavailable(state, demand, closed);
}

function noSuchBench(state: LabState, demand: Demand, index: number): BerthError {
  const requirement = demand.requirements[index];
  if (requirement === undefined) throw new Error('no such requirement');
  const what = describeRequirement(requirement);
  const matching = [...(demand.matching[index]?.keys() ?? [])].filter((bench) => !bench.retired);
  const details = {
    fields: [{ field: `requirements[${String(index)}]`, description: `no bench can ever meet ${what}` }],
    resource: { type: 'berth.dev/Bench', name: requirement.bench === '' ? what : requirement.bench },
  };
  if (demand.booking !== '') {
    const booked = state.reservations.get(demand.booking)?.benches ?? [];
    const has = booked.map((name) => `'${name}'`).join(', ');
    return new BerthError(
      'NO_SUCH_BENCH',
      `requirements[${String(index)}] (${what}): booking '${demand.booking}' has no bench left that meets this; it has ${has}. Ask for ` +
        'what it has, or for all of it (no requirements).',
      details,
    );
  }
  const scarce = offersFor(state, requirement, demand.affinity).find((offer) => isScarce(offer, demand));
  if (scarce !== undefined) {
    return new BerthError(
      'NO_SUCH_BENCH',
      `requirements[${String(index)}] (${what}): the request needs more benches than there can be: pool '${scarce.pool}' has at ` +
        `most ${String(scarce.capacity)}. Ask for fewer.`,
      details,
    );
  }
  if (matching.length > 0) {
    const same = demand.matching.filter((fits) => fits === demand.matching[index]).length;
    return new BerthError(
      'NO_SUCH_BENCH',
      `requirements[${String(index)}] (${what}): the request needs ${String(same)} different benches like this and others beside ` +
        `them, but only ${String(matching.length)} can meet it (${names(matching)}). ${passedOver(state, demand)}Ask for fewer, or add benches.`,
      details,
    );
  }
  return new BerthError(
    'NO_SUCH_BENCH',
    `requirements[${String(index)}] (${what}): no bench and no pool could ever meet this. ${nearestMiss(state, demand, requirement)}`,
    details,
  );
}

/** The benches that would do if they were not kept for another affinity, in a sentence; empty when there are none. */
export function passedOver(state: LabState, demand: Demand): string {
  const others = [...state.benches.values()].filter(({ spec: { affinity }, retired }) => {
    return !retired && affinity !== '' && affinity !== demand.affinity;
  });
  const kept = others.filter((bench) =>
    demand.requirements.some((requirement) => meets(requirement, asMatchable(bench), bench.spec.affinity)),
  );
  const told = kept.slice(0, 5).map(({ spec }) => `'${spec.name}' is kept for affinity '${spec.affinity}'`);
  const more = kept.length > 5 ? `, and ${String(kept.length - 5)} more are kept for others` : '';
  return told.length === 0 ? '' : `${told.join(', ')}${more}: ask with that affinity to get such a bench. `;
}

function names(benches: readonly Bench[]): string {
  const shown = benches.slice(0, 5).map((bench) => `'${bench.spec.name}'`);
  return shown.join(', ') + (benches.length > 5 ? ` and ${String(benches.length - 5)} more` : '');
}

/** Names the bench that comes closest, and what it lacks. */
function nearestMiss(state: LabState, demand: Demand, requirement: Requirement): string {
  if (state.benches.size === 0) return 'The lab has no benches: apply an inventory first (berth inventory apply FILE).';
  let best: { name: string; faults: string[] } | undefined;
  for (const bench of state.benches.values()) {
    const { name } = bench.spec;
    // It goes when its lease ends, so it meets nothing any more.
    if (bench.retired) continue;
    const faults = misses(requirement, asMatchable(bench), demand.affinity);
    if (best === undefined || faults.length < best.faults.length) best = { name, faults };
  }
  if (state.benches.get(requirement.bench)?.retired === true) {
    return `Bench '${requirement.bench}' is being removed: it goes when its present lease ends. List what there is: berth bench ls.`;
  }
  if (best === undefined) return 'Every bench of the lab is being removed.';
  if (requirement.bench !== '' && !state.benches.has(requirement.bench)) {
    return `There is no bench '${requirement.bench}'${didYouMean(requirement.bench, [...state.benches.keys()])} List what there is: berth bench ls.`;
  }
  return `The nearest is '${best.name}': ${best.faults.join('; ')}. List what there is: berth bench ls.`;
}

function unavailable(state: LabState, demand: Demand, index: number): BerthError {
  const requirement = demand.requirements[index];
  const benches = [...(demand.matching[index]?.keys() ?? [])].filter((bench) => !bench.retired);
  const told = benches.slice(0, 10).map(({ spec, condition }) => {
    const until = condition.untilMs === undefined ? '' : ` until ${new Date(condition.untilMs).toISOString()}`;
    return {
      type: condition.state,
      subject: spec.name,
      description: `'${spec.name}' is in ${condition.state} by ${condition.actor.name}: ${condition.reason}${until}`,
    };
  });
  const hint = benches.some((bench) => bench.condition.state === 'MAINTENANCE' && !demand.allowMaintenance)
    ? 'Wait for its end and ask again, or set allow_maintenance if you are to repair it.'
    : 'Wait until it is back and ask again.';
  return new BerthError(
    'BENCH_UNAVAILABLE',
    `requirements[${String(index)}] (${requirement === undefined ? '' : describeRequirement(requirement)}): every bench that could serve ` +
      `it is not lent at present: ${told.map((one) => one.description).join('; ')}. ${passedOver(state, demand)}${hint}`,
    { preconditions: told },
  );
}
