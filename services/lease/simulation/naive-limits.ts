import type { LabRules, Limit, RequestSpec } from '../src/domain/model.js';
import { requirementsOf } from './naive-bookings.js';
import type { NaiveLease, NaiveRequest, NaiveState } from './naive-state.js';

type Key = 'held' | 'waiting' | 'maxDurationMs';

/** Benches that a request gets beside those that are held. */
export interface NaiveShare {
  readonly spec: RequestSpec;
  readonly benches: number;
}

/** Whether owner or team would hold more than they may with what a request asks for; `also` is given out as well. */
export function isHeldBack(
  state: NaiveState,
  { limits }: LabRules,
  spec: RequestSpec,
  also: readonly NaiveShare[] = [],
): boolean {
  if (spec.booking !== undefined) return false;
  const asked = requirementsOf(state, spec).length;
  const held: [owner: string, team: string | undefined, count: number][] = [
    ...state.leases.map((lease) => [lease.owner, teamOf(lease), lease.benches.length] as [string, string, number]),
    ...also.map((one) => [one.spec.owner, one.spec.team, one.benches] as [string, string, number]),
  ];
  const sum = (some: typeof held): number => some.reduce((all, [, , count]) => all + count, 0);
  const ofOwner = sum(held.filter(([owner]) => owner === spec.owner));
  const ofTeam = sum(held.filter(([, team]) => spec.team !== undefined && team === spec.team));
  const mayOwner = most(limits?.roles[spec.role ?? ''], 'held');
  const mayTeam = most(limits?.teams[spec.team ?? ''], 'held');
  return ofOwner + asked > mayOwner || ofTeam + asked > mayTeam;
}

/** Whether a request asks for more benches, or for a longer time, than it could ever get. */
export function asksTooMuch(state: NaiveState, rules: LabRules, spec: RequestSpec): boolean {
  if (spec.booking !== undefined) return false;
  const asked = requirementsOf(state, spec).length;
  return asked > least(rules, spec, 'held') || (spec.maxDurationMs ?? 0) > least(rules, spec, 'maxDurationMs');
}

/** A request as it is queued: without a `max_duration` of its own it gets the longest that it may have. */
export function withLongest(rules: LabRules, spec: RequestSpec): RequestSpec {
  const longest = least(rules, spec, 'maxDurationMs');
  const isOwn = spec.booking !== undefined || spec.maxDurationMs !== undefined || longest === Infinity;
  return isOwn ? spec : { ...spec, maxDurationMs: longest };
}

/** Whether owner or team have more requests waiting than they may. */
export function waitsTooMuch({ queue }: NaiveState, { limits }: LabRules, spec: RequestSpec): boolean {
  if (spec.booking !== undefined) return false;
  const count = (which: (one: NaiveRequest) => boolean): number => queue.filter(which).length;
  const ofOwner = count((one) => one.spec.owner === spec.owner);
  const ofTeam = count((one) => spec.team !== undefined && one.spec.team === spec.team);
  const mayOwner = most(limits?.roles[spec.role ?? ''], 'waiting');
  const mayTeam = most(limits?.teams[spec.team ?? ''], 'waiting');
  return ofOwner > mayOwner || ofTeam > mayTeam;
}

/** Whether a lease would last longer with this end than it may; one that spends a booking, or was given away, may. */
export function lastsTooLong(rules: LabRules, { spec, owner, grantedMs }: NaiveLease, endMs: number): boolean {
  if (spec.booking !== undefined || owner !== spec.owner) return false;
  return endMs - grantedMs > least(rules, spec, 'maxDurationMs');
}

/** A lease that was given to another owner is of no team. */
function teamOf({ owner, spec }: NaiveLease): string | undefined {
  return owner === spec.owner ? spec.team : undefined;
}

function least({ limits }: LabRules, { role = '', team = '' }: RequestSpec, key: Key): number {
  return Math.min(most(limits?.roles[role], key), most(limits?.teams[team], key));
}

function most(limit: Limit | undefined, key: Key): number {
  return limit?.[key] ?? Infinity;
}
