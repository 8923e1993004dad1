import { BerthError, staleEtag as staleEtagOf } from '@berth/kernel';
import type { FieldViolation } from '@berth/kernel';
import type { Kind, RecordBody } from '../../domain/records/index.js';
import { nameField } from '../../domain/records/index.js';
import type { RecordDocument } from '../../ports/record-collections.js';

export function noSuchRecord(kind: Kind, name: string): BerthError {
  const field = nameField(kind)?.name;
  const by = field === undefined ? 'id' : `id or ${field}`;
  return new BerthError(
    'NO_SUCH_RECORD',
    `${kind.name} have no record with ${by} '${name}'; list them to see what there is.`,
    {
      resource: { type: 'record', name, description: kind.name },
    },
  );
}

export function staleEtag(kind: Kind, id: string, etag: string, now: string): BerthError {
  return staleEtagOf(`the record ${id} of ${kind.name}`, etag, now, { type: 'record', name: id });
}

export function etagRequired(field: string): BerthError {
  const description = "is missing; send the etag of the record as you saw it, so that nobody else's change is lost";
  return new BerthError('ETAG_REQUIRED', `${field}: ${description}.`, { fields: [{ field, description }] });
}

export function recordClaimed(id: string, { claim }: RecordBody, deed: string): BerthError {
  const owner = claim?.owner ?? '';
  return new BerthError(
    'RECORD_CLAIMED',
    `the record ${id} is claimed by ${owner} and cannot be ${deed}; release it first.`,
    {
      resource: { type: 'record', name: id, owner },
      preconditions: [{ type: 'UNCLAIMED', subject: id, description: `claimed by ${owner}` }],
    },
  );
}

/** What two records have in common: the first is there already. */
export interface TakenValue {
  /** Where it stands in the request: `record.fields.hostname`. */
  readonly path: string;
  /** `KIND/FIELD/KEY`. */
  readonly unique: string;
  readonly existing: RecordDocument;
}

export function recordExists(kind: Kind, taken: readonly TakenValue[]): BerthError {
  const fields: FieldViolation[] = taken.map(({ path, unique, existing }) => {
    const [, field = ''] = unique.split('/');
    const { owner } = existing.body.fields;
    const whose = typeof owner === 'string' ? ` (owner ${owner})` : '';
    const value = JSON.stringify(existing.body.fields[field]);
    const which = existing.kind === kind.name ? existing.id : `${existing.id} of ${existing.kind}`;
    return { field: path, description: `${value} is that of record ${which}${whose}; ${field} must be unique` };
  });
  const message = fields.map(({ field, description }) => `${field}: ${description}`).join('; ');
  const [first] = taken;
  return new BerthError('RECORD_EXISTS', `${kind.name}: ${message}.`, {
    fields,
    ...(first !== undefined && {
      resource: { type: 'record', name: first.existing.id, description: first.existing.kind },
    }),
    metadata: { kind: kind.name, ...(first !== undefined && { existing: first.existing.id }) },
  });
}
