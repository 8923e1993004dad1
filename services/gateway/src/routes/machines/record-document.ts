import type { InventoryRecord } from '@berth/client';
import { META_FIELDS } from './meta-fields.js';

/** A document as Eve writes it: the fields of the record, and what Berth says of it. */
export type EveDocument = Readonly<Record<string, unknown>>;

interface Link {
  readonly title: string;
  readonly href: string;
}

/** A record as a document. Times are those of HTTP (RFC 9110), as Eve has them. */
export function documentOf({
  id,
  kind,
  fields,
  etag,
  createTime,
  updateTime,
  claimedBy,
}: InventoryRecord): EveDocument {
  return {
    ...fields,
    [META_FIELDS.id]: id,
    [META_FIELDS.etag]: etag,
    [META_FIELDS.created]: createTime?.toUTCString(),
    [META_FIELDS.updated]: updateTime?.toUTCString(),
    ...(claimedBy !== '' && { [META_FIELDS.claimedBy]: claimedBy }),
    [META_FIELDS.links]: { self: { title: kind, href: itemHref({ kind, id }) } },
  };
}

/** A document that was read alone: with the way to the list that it is in. */
export function itemOf(record: InventoryRecord): EveDocument {
  const { id, kind } = record;
  const links = {
    self: { title: kind, href: itemHref({ kind, id }) },
    collection: { title: kind, href: kind },
    parent: HOME,
  };
  return { ...documentOf(record), [META_FIELDS.links]: links };
}

/** A document that was written. */
export function writtenOf(record: InventoryRecord): EveDocument {
  return { ...documentOf(record), [META_FIELDS.status]: 'OK' };
}

/** Which part of a list is asked for; absent = all of it. */
export interface ListPage {
  readonly page: number;
  readonly maxResults: number;
}

/** A list of records: all, or a page of them. */
export interface RecordList {
  readonly kind: string;
  readonly records: readonly InventoryRecord[];
  /** How many there are on all pages. */
  readonly total: number;
  readonly page: ListPage | undefined;
  /** The query that the list answers. */
  readonly query: URLSearchParams;
}

/** A list as a document. */
export function listOf({ kind, records, total, page, query }: RecordList): EveDocument {
  const { page: number, maxResults } = page ?? { page: 1, maxResults: total };
  return {
    _items: records.map(documentOf),
    _meta: { page: number, max_results: maxResults, total },
    [META_FIELDS.links]: {
      parent: HOME,
      self: { title: kind, href: pageHref(kind, query) },
      ...(page && pageLinks(kind, page, total, query)),
    },
  };
}

const HOME: Link = { title: 'home', href: '/' };

function pageLinks(
  kind: string,
  { page, maxResults }: ListPage,
  total: number,
  query: URLSearchParams,
): Readonly<Record<string, Link>> {
  const last = Math.max(1, Math.ceil(total / maxResults));
  const to = (title: string, number: number): Link => ({ title, href: pageHref(kind, query, number) });
  return {
    ...(page < last && { next: to('next page', page + 1), last: to('last page', last) }),
    ...(page > 1 && { prev: to('previous page', page - 1) }),
  };
}

function pageHref(kind: string, query: URLSearchParams, page?: number): string {
  const there = new URLSearchParams(query);
  if (page !== undefined) there.set('page', String(page));
  const text = there.toString();
  return text === '' ? kind : `${kind}?${text}`;
}

/** The path of a record, from the root on. */
export function itemHref({ kind, id }: Pick<InventoryRecord, 'kind' | 'id'>): string {
  return `${kind}/${encodeURIComponent(id)}`;
}
