import type { HttpError } from '@berth/server';
import { META_FIELDS } from './meta-fields.js';

/** Where Eve has other statuses than those of the error's code. */
const STATUS: Readonly<Record<string, number>> = {
  RECORD_INVALID: 422,
  RECORD_EXISTS: 422,
  ETAG_REQUIRED: 428,
  STALE_ETAG: 412,
  RECORD_CLAIMED: 409,
};

/** An error as Eve tells it. */
export interface EveError {
  readonly status: number;
  readonly body: object;
}

interface Detail {
  readonly '@type'?: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly Partial<Violation>[];
}

interface Violation {
  readonly field: string;
  readonly description: string;
}

type Texts = Record<string, string>;

const PATH = /^(?:record|records\[(?<index>\d+)\])(?:\.fields)?(?:\.(?<field>.*))?$/;

/**
 * An error as Eve writes it: `_issues` by field, of a list in `_items`, and `_error`, which also has Berth's reason. `count`
 * is how many documents of a list were sent; undefined: it was one, or none.
 */
export function eveError({ status: usual, body }: HttpError, count?: number): EveError {
  const details = body.details as readonly Detail[];
  const { reason = '', metadata } = details.find(({ '@type': type = '' }) => type.endsWith('ErrorInfo')) ?? {};
  const { fields, items } = issuesOf(details.flatMap(({ fieldViolations = [] }) => fieldViolations));
  const status = STATUS[reason] ?? usual;
  return {
    status,
    body: {
      [META_FIELDS.status]: 'ERR',
      ...(Object.keys(fields).length > 0 && { _issues: fields }),
      ...(count !== undefined && items.size > 0 && { _items: itemsOf(items, count) }),
      _error: { code: status, message: body.message, reason, ...(metadata && { metadata }) },
    },
  };
}

/** Nothing of a list with a fault is stored, so none of its documents is OK. */
function itemsOf(items: ReadonlyMap<number, Texts>, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    [META_FIELDS.status]: 'ERR',
    _issues: items.get(index) ?? {},
  }));
}

/** Violations by the field of the document, those of a list by its place too. */
function issuesOf(violations: readonly Partial<Violation>[]) {
  const fields: Texts = {};
  const items = new Map<number, Texts>();
  for (const { field: path = '', description = '' } of violations) {
    const { index, field = '' } = PATH.exec(path)?.groups ?? { field: path };
    const issues = index === undefined ? fields : (items.get(Number(index)) ?? {});
    if (index !== undefined) items.set(Number(index), issues);
    if (field !== '')
      issues[field] = Object.hasOwn(issues, field) ? `${issues[field] ?? ''}; ${description}` : description;
  }
  return { fields, items };
}
