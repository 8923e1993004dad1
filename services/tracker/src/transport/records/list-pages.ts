import type {
  ListChangesRequest,
  ListChangesResponse,
  ListRecordsRequest,
  ListRecordsResponse,
} from '@berth/proto/berth/tracker/v1/record_service';
import { Record as RecordMessage, RecordChange } from '@berth/proto/berth/tracker/v1/record';
import { itemBytes, parseRequest, storePage } from '@berth/server';
import { listChanges } from '../../app/records/list-changes.js';
import { listRecords } from '../../app/records/list-records.js';
import type { RecordContext } from '../../app/records/record-context.js';
import { parseFilters, parseOrder, parseReadMask } from './parse-records.js';
import { changeOf, recordOf } from './record-to-proto.js';

/** Reads that find little of what is kept end here: the page is then shorter than it could be. */
const MOST_READS = 100;

/** A page of records. */
export async function listRecordsPage(ctx: RecordContext, request: ListRecordsRequest): Promise<ListRecordsResponse> {
  const kind = ctx.kinds.named(request.kind);
  const { mask, field, ...asked } = parseRequest(request, (faults) => ({
    ...parseFilters(kind, request.filters, faults),
    ...parseOrder(kind, request.orderBy, faults),
    mask: parseReadMask(kind, request.readMask, faults),
  }));
  const { filters, orderBy, includeDeleted: deleted } = request;
  const { messages, nextPageToken } = await storePage(request, {
    read: (limit, after) => listRecords(ctx, kind, { ...asked, orderBy: field, deleted, limit, after }),
    message: (record) => recordOf(record, mask),
    bytes: itemBytes(RecordMessage),
    scope: ['ListRecords', kind.name, filters, orderBy, mask ?? [], deleted],
    mostReads: MOST_READS,
  });
  return { records: messages, nextPageToken };
}

/** A page of changes, the newest first. */
export async function listChangesPage(ctx: RecordContext, request: ListChangesRequest): Promise<ListChangesResponse> {
  const kind = ctx.kinds.named(request.kind);
  const { messages, nextPageToken } = await storePage(request, {
    read: (limit, after) => listChanges(ctx, kind, request.name, { limit, after }),
    message: changeOf,
    bytes: itemBytes(RecordChange),
    scope: ['ListChanges', kind.name, request.name],
  });
  return { changes: messages, nextPageToken };
}
