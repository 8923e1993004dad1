import { decodePageToken, encodePageToken, pageSize } from '@berth/kernel';
import type {
  ListChangesRequest,
  ListChangesResponse,
  ListRecordsRequest,
  ListRecordsResponse,
} from '@berth/proto/berth/tracker/v1/record_service';
import { Faults } from '@berth/server';
import { listChanges } from '../../app/records/list-changes.js';
import { listRecords } from '../../app/records/list-records.js';
import type { RecordContext } from '../../app/records/record-context.js';
import { parseFilters, parseOrder, parseReadMask } from './parse-records.js';
import { changeOf, recordOf } from './record-to-proto.js';

/** A page of records. */
export async function listRecordsPage(ctx: RecordContext, request: ListRecordsRequest): Promise<ListRecordsResponse> {
  const kind = ctx.kinds.named(request.kind);
  const faults = new Faults();
  const conditions = parseFilters(kind, request.filters, faults);
  const order = parseOrder(kind, request.orderBy, faults);
  const mask = parseReadMask(kind, request.readMask, faults);
  faults.throwIfAny();
  const { filters, orderBy, includeDeleted } = request;
  const scope = ['ListRecords', kind.name, filters, orderBy, mask ?? [], includeDeleted];
  const page = await listRecords(ctx, kind, {
    ...conditions,
    orderBy: order.field,
    descending: order.descending,
    deleted: includeDeleted,
    size: pageSize(request.pageSize),
    after: decodePageToken(request.pageToken, scope),
  });
  return {
    records: page.items.map((record) => recordOf(record, mask)),
    nextPageToken: tokenOf(page.next, scope),
  };
}

/** A page of changes, the newest first. */
export async function listChangesPage(ctx: RecordContext, request: ListChangesRequest): Promise<ListChangesResponse> {
  const kind = ctx.kinds.named(request.kind);
  const scope = ['ListChanges', kind.name, request.name];
  const page = await listChanges(ctx, kind, request.name, {
    size: pageSize(request.pageSize),
    after: decodePageToken(request.pageToken, scope),
  });
  return { changes: page.items.map(changeOf), nextPageToken: tokenOf(page.next, scope) };
}

function tokenOf(next: string | undefined, scope: unknown): string {
  return next === undefined ? '' : encodePageToken(next, scope);
}
