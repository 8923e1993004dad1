import type { Faults } from '@berth/server';

/** What documents have beside the fields of their kind. Berth gives it; sent back, it is read as said beside each. */
export const META_FIELDS = {
  /** Must be that of the record. */
  id: '_id',
  etag: '_etag',
  created: '_created',
  updated: '_updated',
  status: '_status',
  links: '_links',
  claimedBy: '_claimed_by',
} as const;

const NAMES: readonly string[] = Object.values(META_FIELDS);

/** Whether a document may have it, though it is no field of a kind. */
export function isMetaField(name: string): boolean {
  return NAMES.includes(name);
}

/** What records are filtered by when `where` names it; undefined, with a fault, when they cannot be. */
export function filterField(name: string, faults: Faults): string | undefined {
  if (name === META_FIELDS.claimedBy) return 'claimed_by';
  if (!name.startsWith('_')) return name;
  faults.add(
    'where',
    name === META_FIELDS.id
      ? 'has _id; read one record by its id at /KIND/ID'
      : `has ${name}; of what begins with '_' only ${META_FIELDS.claimedBy} can be asked`,
  );
  return undefined;
}

/** What records are ordered by when `sort` names it; undefined, with a fault, when they cannot be. */
export function orderField(name: string, faults: Faults): string | undefined {
  if (name === META_FIELDS.created) return 'create_time';
  if (!name.startsWith('_')) return name;
  faults.add('sort', `is by ${name}; of what begins with '_' only ${META_FIELDS.created} can be sorted by`);
  return undefined;
}
