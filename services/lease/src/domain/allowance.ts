import type { Demand, Lease, Waiting } from './entities.js';
import type { Limits, RequestSpec } from './model.js';
import type { LabState } from './state.js';
import { limitsOn } from './usage.js';

/** A limit of an owner or a team. */
export interface Bar {
  readonly of: 'owner' | 'team';
  /** Of the owner, or the team. */
  readonly name: string;
  readonly limit: number;
}

/** A limit that is in the way, and what counts towards it. */
export interface Shortage extends Bar {
  readonly has: number;
}

let plans = 0;

/** What limits leave to owners and teams in the course of a plan (rule 19): beside what they have, what the plan gives them. */
export class Allowance {
  readonly #plan = ++plans;

  /** The limit that keeps a request from getting its benches now; undefined = none. One that spends a booking has none. */
  shortOf({ account, demand }: Waiting): Shortage | undefined {
    if (account === undefined || demand.booking !== '') return undefined;
    const asked = demand.requirements.length;
    for (const { share, limit } of account.bounds) {
      if (limit.held === undefined) continue;
      const has = share.held + (share.givenIn === this.#plan ? share.given : 0);
      if (has + asked > limit.held) return { of: share.of, name: share.name, limit: limit.held, has };
    }
    return undefined;
  }

  /** Counts a request as if it had its benches. */
  take({ account, demand }: Waiting): void {
    for (const share of account?.shares ?? []) {
      share.given = (share.givenIn === this.#plan ? share.given : 0) + demand.requirements.length;
      share.givenIn = this.#plan;
    }
  }
}

/** What limits leave now; undefined where there are none. */
export function allowanceOf({ usage }: LabState): Allowance | undefined {
  return usage === undefined ? undefined : new Allowance();
}

/** The limit that a request is beyond as it waits; undefined = none. */
export function tooManyWaiting({ account, demand }: Waiting): Shortage | undefined {
  if (account === undefined || demand.booking !== '') return undefined;
  for (const { share, limit } of account.bounds) {
    const { of, name, waiting } = share;
    if (limit.waiting !== undefined && waiting > limit.waiting) {
      return { of, name, limit: limit.waiting, has: waiting - 1 };
    }
  }
  return undefined;
}

/** The limit that lets a demand never have all that it asks for; undefined = none. */
export function neverAllowed(limits: Limits, spec: RequestSpec, demand: Demand): Bar | undefined {
  if (demand.booking !== '') return undefined;
  const asked = demand.requirements.length;
  return barsOf(limits, spec, 'held').find(({ limit }) => asked > limit);
}

/** The longest hold that a request may have, and by which limit; undefined = as long as it likes. */
export function longestHold(limits: Limits, spec: RequestSpec): Bar | undefined {
  if (spec.booking !== undefined) return undefined;
  return barsOf(limits, spec, 'maxDurationMs').sort((a, b) => a.limit - b.limit)[0];
}

/** The longest hold that a lease may have. One that an operator gave to another owner has none. */
export function longestOf(limits: Limits | undefined, { spec, owner }: Lease): Bar | undefined {
  return limits === undefined || owner !== spec.owner ? undefined : longestHold(limits, spec);
}

function barsOf(limits: Limits, spec: RequestSpec, key: 'held' | 'maxDurationMs'): Bar[] {
  const { owner, team = '' } = spec;
  return limitsOn(limits, spec).flatMap(({ of, limit }) => {
    const most = limit[key];
    return most === undefined ? [] : [{ of, name: of === 'owner' ? owner : team, limit: most }];
  });
}
