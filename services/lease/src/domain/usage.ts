import type { Journal } from './journal.js';
import type { Limit, Limits, RequestSpec } from './model.js';

/** What an owner or a team has. Changed by Usage and Allowance only. */
export class Share {
  /** Benches held. */
  held = 0;
  /** Requests waiting. */
  waiting = 0;
  /** Benches given in the course of a plan, and of which one; of another it means nothing. */
  given = 0;
  givenIn = 0;

  constructor(
    readonly of: 'owner' | 'team',
    readonly name: string,
  ) {}
}

/** What counts of a lease. */
interface Held {
  readonly owner: string;
  readonly spec: RequestSpec;
  readonly benches: readonly unknown[];
}

/** A limit, and what counts towards it. */
export interface Bound {
  readonly share: Share;
  readonly limit: Limit;
}

/** Where a request counts, and the limits that apply to it. */
export interface Account {
  readonly shares: readonly Share[];
  readonly bounds: readonly Bound[];
}

/** Shares of those who have nothing are kept up to so many. */
const IDLE_SHARES = 1000;

/** What the owners and teams of a lab have: benches held, and requests waiting. Changes are taken back with the draft. */
export class Usage {
  readonly owners = new Map<string, Share>();
  readonly teams = new Map<string, Share>();

  constructor(
    readonly limits: Limits,
    readonly journal: Journal,
  ) {}

  /** The account of a request: it stays right for as long as the request waits. */
  accountOf(spec: RequestSpec): Account {
    const shares = this.#sharesOf(spec.owner, spec.team);
    const bounds = limitsOn(this.limits, spec).flatMap(({ of, limit }) => {
      const share = shares.find((one) => one.of === of);
      return share === undefined ? [] : [{ share, limit }];
    });
    return { shares, bounds };
  }

  /** A lease came into force (1), or ended (-1). The team of an owner to whom it was given is not known: it counts for none then. */
  hold({ owner, spec, benches }: Held, sign: 1 | -1): void {
    const team = owner === spec.owner ? spec.team : undefined;
    for (const share of this.#sharesOf(owner, team))
      this.journal.set(share, 'held', share.held + sign * benches.length);
  }

  /** A request joined the queue (1), or left it (-1). */
  wait(account: Account | undefined, sign: 1 | -1): void {
    for (const share of account?.shares ?? []) this.journal.set(share, 'waiting', share.waiting + sign);
  }

  /** Forgets those who have nothing when there are many. Not while a draft could bring their requests back. */
  forgetIdle(): void {
    for (const shares of [this.owners, this.teams]) {
      if (shares.size <= IDLE_SHARES) continue;
      for (const [name, { held, waiting }] of shares) if (held === 0 && waiting === 0) shares.delete(name);
    }
  }

  #sharesOf(owner: string, team: string | undefined): readonly Share[] {
    const ofOwner = obtain(this.owners, 'owner', owner);
    return team === undefined ? [ofOwner] : [ofOwner, obtain(this.teams, 'team', team)];
  }
}

function obtain(shares: Map<string, Share>, of: Share['of'], name: string): Share {
  const known = shares.get(name);
  if (known !== undefined) return known;
  const made = new Share(of, name);
  shares.set(name, made);
  return made;
}

/** The limits that apply to a request, whether of its owner or its team. */
export function limitsOn(
  { roles, teams }: Limits,
  { role, team }: RequestSpec,
): readonly { readonly of: Share['of']; readonly limit: Limit }[] {
  const ofRole = own(roles, role);
  const ofTeam = own(teams, team);
  return [
    ...(ofRole === undefined ? [] : [{ of: 'owner' as const, limit: ofRole }]),
    ...(ofTeam === undefined ? [] : [{ of: 'team' as const, limit: ofTeam }]),
  ];
}

/** Names come from outside: one may be that of something that every object has. */
function own(limits: Limits['roles'], name: string | undefined): Limit | undefined {
  return name !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined;
}
