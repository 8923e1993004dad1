import type { Allocation, Candidate, Leak } from '../domain/index.js';
import { ruleHolds } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

/** Something that leaks by the list, before it is checked whether it still does. */
export interface Suspect {
  readonly stored: Stored<Allocation>;
  readonly leaks: readonly Leak[];
}

/**
 * Those of the suspects that leak right now, with the leaks that hold: the list may be as old as the last sweep. Keeps the
 * order. What can't be found out (a parent whose service does not answer) does not count as leaking.
 */
export async function qualify(context: TrackerContext, suspects: readonly Suspect[]): Promise<readonly Candidate[]> {
  const nowMs = context.clock.now();
  const groups = await groupsOf(context, suspects);
  const gone = await goneParents(context, suspects);
  return suspects.flatMap(({ stored: { value, revision }, leaks }) => {
    const parentGone = gone.has(value.parent ?? '');
    const facts = { nowMs, group: groups.get(value.group ?? ''), parentGone };
    const holding = leaks.filter(({ rule }) => {
      if (rule === 'L5') return false;
      return rule === 'L6' ? value.state === 'ALLOCATED' : ruleHolds(rule, value, facts);
    });
    return holding.length === 0 ? [] : [{ allocation: value, etag: revision, leaks: holding }];
  });
}

async function groupsOf({ collections }: TrackerContext, suspects: readonly Suspect[]) {
  const ids = suspects
    .filter(({ leaks }) => leaks.some(({ rule }) => rule === 'L2'))
    .map(({ stored }) => stored.value.group ?? '');
  const found = ids.length === 0 ? [] : await collections.groups.getMany([...new Set(ids)]);
  return new Map(found.map(({ value }) => [value.id, value]));
}

async function goneParents({ parents }: TrackerContext, suspects: readonly Suspect[]): Promise<ReadonlySet<string>> {
  const names = suspects.flatMap(({ stored, leaks }) =>
    leaks.some(({ rule }) => rule === 'L4') ? (stored.value.parent ?? []) : [],
  );
  if (names.length === 0 || parents === undefined) return new Set();
  return (await parents.begin()([...new Set(names)])).gone;
}
