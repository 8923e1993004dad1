import type { InventoryRecord } from '@berth/client';
import { documentsOf, fieldsOf, type GivenFields } from './given-document.js';
import { type RecordAnswer, type RecordCall, requestIdOf } from './record-call.js';
import { itemHref, type ListPage, listOf, writtenOf } from './record-document.js';
import { parseSort } from './sort.js';
import { parseWhere } from './where.js';

const PAGE_SIZE = 1000;
/** What Eve gives at a time unless told otherwise. */
const USUAL_RESULTS = 25;
const MOST_RESULTS = 10_000;

/** GET: the records that pass, all of them or a page. */
export async function listRecords(call: RecordCall): Promise<RecordAnswer> {
  const { records, kind, given, query, faults } = call;
  const filters = parseWhere(given.text('where') ?? '', faults);
  const orderBy = parseSort(given.text('sort') ?? '', faults);
  const page = pageOf(call);
  faults.throwIfAny();
  const [from, until] = page ? [(page.page - 1) * page.maxResults, page.page * page.maxResults] : [0, Infinity];
  const kept: InventoryRecord[] = [];
  let total = 0;
  let pageToken = '';
  do {
    const read = await records.listRecords({ kind: kind.name, filters, orderBy, pageSize: PAGE_SIZE, pageToken });
    kept.push(...read.records.slice(Math.max(0, from - total), Math.max(0, until - total)));
    total += read.records.length;
    pageToken = read.nextPageToken;
  } while (pageToken !== '');
  return { status: 200, body: listOf({ kind: kind.name, records: kept, total, page, query }) };
}

/** The page that is asked for; undefined: all. */
function pageOf({ given }: RecordCall): ListPage | undefined {
  const page = given.whole('page', { least: 1, most: 1_000_000_000 });
  const maxResults = given.whole('max_results', { least: 1, most: MOST_RESULTS });
  if (!given.has('page') && !given.has('max_results')) return undefined;
  return { page: page ?? 1, maxResults: maxResults ?? USUAL_RESULTS };
}

/** POST: adds one record, or a list of them: all or none. */
export async function createRecords(call: RecordCall): Promise<RecordAnswer> {
  const { faults, kind } = call;
  const documents = documentsOf(call.body(), kind, faults);
  faults.throwIfAny();
  return 'one' in documents ? createOne(call, documents.one) : createList(call, documents.list);
}

async function createOne(call: RecordCall, document: GivenFields): Promise<RecordAnswer> {
  const { records, kind } = call;
  const request = { record: { kind: kind.name, fields: fieldsOf(document) }, ...requestIdOf(call) };
  const { record } = await records.createRecord(request);
  if (record === undefined) throw new Error('CreateRecord gave no record');
  return { status: 201, body: writtenOf(record), etag: record.etag, location: `/${itemHref(record)}` };
}

async function createList(call: RecordCall, list: readonly GivenFields[]): Promise<RecordAnswer> {
  const { records, kind } = call;
  const given = list.map((document, i) => ({ fields: fieldsOf(document, undefined, `records[${String(i)}]`) }));
  const made = await records.batchCreateRecords({ kind: kind.name, records: given, ...requestIdOf(call) });
  return { status: 201, body: { _status: 'OK', _items: made.records.map(writtenOf) } };
}
