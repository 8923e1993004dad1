import type { Demand, Lease, Waiting } from './entities.js';
import type { Limit, Limits, RequestSpec } from './model.js';
import type { LabState } from './state.js';
import type { Usage } from './usage.js';
import { Tally } from './usage.js';

/** A limit that is in the way, and what counts towards it. */
export interface Shortage {
  readonly of: 'owner' | 'team';
  /** Of the owner, or the team. */
  readonly name: string;
  readonly limit: number;
  readonly has: number;
}

/** A limit that applies to a request. */
interface Applied {
  readonly of: 'owner' | 'team';
  readonly name: string;
  readonly limit: Limit;
}

type Asking = Pick<Waiting, 'spec' | 'demand'>;

/** What limits leave to owners and teams in the course of a plan (rule 19): beside what they have, what it gives them. */
export class Allowance {
  readonly #given = new Tally();

  constructor(
    readonly limits: Limits,
    readonly usage: Usage,
  ) {}

  /** The limit that keeps a request from getting its benches now; undefined = none. One that spends a booking has none. */
  shortOf({ spec, demand }: Asking): Shortage | undefined {
    if (demand.booking !== '') return undefined;
    const asked = demand.requirements.length;
    for (const { of, name, limit } of appliedTo(this.limits, spec)) {
      if (limit.held === undefined) continue;
      const has = this.#has(of, name);
      if (has + asked > limit.held) return { of, name, limit: limit.held, has };
    }
    return undefined;
  }

  /** The limit that a request is beyond as it waits; undefined = none. */
  tooManyWaiting({ spec, demand }: Asking): Shortage | undefined {
    if (demand.booking !== '') return undefined;
    const { waiting } = this.usage;
    for (const { of, name, limit } of appliedTo(this.limits, spec)) {
      const has = (of === 'owner' ? waiting.owners : waiting.teams).get(name) ?? 0;
      if (limit.waiting !== undefined && has > limit.waiting) return { of, name, limit: limit.waiting, has: has - 1 };
    }
    return undefined;
  }

  /** Counts a request as if it had its benches. */
  take({ spec, demand }: Asking): void {
    this.#given.add(spec, demand.requirements.length);
  }

  #has(of: Applied['of'], name: string): number {
    const key = of === 'owner' ? 'owners' : 'teams';
    return (this.usage.held[key].get(name) ?? 0) + (this.#given[key].get(name) ?? 0);
  }
}

/** What limits leave now; undefined where there are none. */
export function allowanceOf({ rules, usage }: LabState): Allowance | undefined {
  return rules.limits === undefined || usage === undefined ? undefined : new Allowance(rules.limits, usage);
}

/** The limit that lets a demand never have all that it asks for; undefined = none. */
export function neverAllowed(limits: Limits, spec: RequestSpec, demand: Demand): Shortage | undefined {
  if (demand.booking !== '') return undefined;
  const asked = demand.requirements.length;
  for (const { of, name, limit } of appliedTo(limits, spec)) {
    if (limit.held !== undefined && asked > limit.held) return { of, name, limit: limit.held, has: 0 };
  }
  return undefined;
}

/** The longest hold that a request may have, and by which limit; undefined = as long as it likes. */
export function longestHold(limits: Limits | undefined, spec: RequestSpec): Omit<Shortage, 'has'> | undefined {
  if (limits === undefined || spec.booking !== undefined) return undefined;
  let least: Omit<Shortage, 'has'> | undefined;
  for (const { of, name, limit } of appliedTo(limits, spec)) {
    const { maxDurationMs } = limit;
    if (maxDurationMs !== undefined && maxDurationMs < (least?.limit ?? Infinity)) {
      least = { of, name, limit: maxDurationMs };
    }
  }
  return least;
}

/** The longest hold that a lease may have. One that an operator gave to another owner has none. */
export function longestOf(limits: Limits | undefined, { spec, owner }: Lease): Omit<Shortage, 'has'> | undefined {
  return owner === spec.owner ? longestHold(limits, spec) : undefined;
}

function appliedTo({ roles, teams }: Limits, { owner, role, team }: RequestSpec): readonly Applied[] {
  const applied: Applied[] = [];
  const ofRole = own(roles, role);
  const ofTeam = own(teams, team);
  if (ofRole !== undefined) applied.push({ of: 'owner', name: owner, limit: ofRole });
  if (ofTeam !== undefined && team !== undefined) applied.push({ of: 'team', name: team, limit: ofTeam });
  return applied;
}

/** Names come from outside: one may be that of something that every object has. */
function own(limits: Readonly<Record<string, Limit | undefined>>, name: string | undefined): Limit | undefined {
  return name !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined;
}
