import type { FieldSchema, Kind, KindLayout, RecordBody, RecordFilter } from '../../domain/records/index.js';
import { passes } from '../../domain/records/index.js';
import type { Where } from '../../ports/record-collections.js';
import { claimedKey, itemKey } from './record-document.js';

/** What records of a kind are asked for. */
export interface RecordConditions {
  readonly filters: readonly RecordFilter[];
  /** Only those that one of these has claimed; empty text: those that nobody has. */
  readonly claimedBy?: readonly string[];
}

/** A query of the store, and what is left to look at in what it finds. */
export interface RecordQuery {
  readonly where: Where;
  readonly passes: (body: RecordBody) => boolean;
}

type Conditions = Record<string, Where[string]>;

/**
 * A query that the indexes serve: equality on any fields, one range, one condition on items of lists. What is more than a
 * query of the store can say is left to `passes`.
 */
export function recordQuery(kind: Kind, layout: KindLayout, base: Where, conditions: RecordConditions): RecordQuery {
  const { filters, claimedBy } = conditions;
  const { shelf, ...others } = base;
  const where: Conditions = { ...others };
  let ranged = false;
  for (const { field, condition } of filters) {
    const path = pathOf(layout, field);
    if (path === undefined || path in where) continue;
    if (condition.kind === 'in') {
      const keys =
        field.type === 'STRINGS' ? condition.keys.map((key) => itemKey(kind.name, field.name, key)) : condition.keys;
      where[path] = oneOf(keys);
    } else if (!ranged) {
      ranged = true;
      where[path] = condition.kind === 'prefix' ? { prefix: condition.prefix } : boundsOf(condition);
    }
  }
  if (claimedBy !== undefined && !claimedBy.includes('')) {
    where['claimed'] = oneOf(claimedBy.map((owner) => claimedKey(kind.name, owner)));
  }
  return {
    // The keys of claims and items name the kind. With the shelf too, an engine may go through all records of the kind in
    // order instead; deleted ones are left out by who looks at what is found.
    where:
      shelf === undefined || 'claimed' in where || typeof where['items'] === 'string' ? where : { ...where, shelf },
    passes: ({ fields, claim }) =>
      filters.every((filter) => passes(filter, fields)) && (claimedBy?.includes(claim?.owner ?? '') ?? true),
  };
}

/** Where the keys of a field are; undefined for one that is not indexed (yet). */
export function pathOf(layout: KindLayout, field: FieldSchema): string | undefined {
  const found = layout.fields[field.name];
  if (found === undefined) return undefined;
  return found.slot === undefined ? 'items' : `slots.s${found.slot}`;
}

function oneOf(keys: readonly string[]): Where[string] {
  const [only] = keys;
  return only !== undefined && keys.length === 1 ? only : { in: keys };
}

function boundsOf({ from, until, upTo }: { from?: string; until?: string; upTo?: string }): Where[string] {
  return {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(upTo !== undefined && { upTo }),
  };
}
