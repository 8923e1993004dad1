import type { Lease } from './entities.js';
import type { Journal } from './journal.js';

/** For whom something counts: an owner, and the team when there is one. */
export interface Account {
  readonly owner: string;
  readonly team?: string | undefined;
}

/** A count for each owner and each team. */
export class Tally {
  readonly owners = new Map<string, number>();
  readonly teams = new Map<string, number>();

  add({ owner, team }: Account, count: number): void {
    addTo(this.owners, owner, count);
    if (team !== undefined) addTo(this.teams, team, count);
  }
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  const sum = (counts.get(name) ?? 0) + count;
  if (sum === 0) counts.delete(name);
  else counts.set(name, sum);
}

/** What the owners and teams of a lab have: benches held, and requests waiting. Changes are taken back with the draft. */
export class Usage {
  readonly held = new Tally();
  readonly waiting = new Tally();

  constructor(readonly journal: Journal) {}

  /** A lease came into force (1), or ended (-1). */
  hold(lease: Lease, sign: 1 | -1): void {
    this.#add(this.held, accountOf(lease), sign * lease.benches.length);
  }

  /** A request joined the queue (1), or left it (-1). */
  wait(account: Account, sign: 1 | -1): void {
    this.#add(this.waiting, account, sign);
  }

  #add(tally: Tally, account: Account, count: number): void {
    this.journal.run(
      () => {
        tally.add(account, count);
      },
      () => {
        tally.add(account, -count);
      },
    );
  }
}

/** For whom a lease counts. The team of an owner to whom it was given is not known, so it counts for none then. */
export function accountOf({ owner, spec }: Pick<Lease, 'owner' | 'spec'>): Account {
  return { owner, team: owner === spec.owner ? spec.team : undefined };
}
