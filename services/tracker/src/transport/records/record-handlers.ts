import type { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
import * as messages from '@berth/proto/berth/tracker/v1/record_service';
import type { ServiceImplementation } from '@berth/server';
import { listFault, parseRequest } from '@berth/server';
import { batchCreateRecords } from '../../app/records/batch-create-records.js';
import { claimAddresses } from '../../app/records/claim-addresses.js';
import { claimRecords } from '../../app/records/claim-records.js';
import { createRecord } from '../../app/records/create-record.js';
import { getRecord } from '../../app/records/find-record.js';
import type { RecordContext } from '../../app/records/record-context.js';
import { releaseRecords } from '../../app/records/release-records.js';
import { deleteRecord, undeleteRecord, updateRecord } from '../../app/records/update-record.js';
import { ADDRESS_RANGES } from '../../domain/records/index.js';
import { claimant, releaser } from './claim-access.js';
import { deedOf } from './deed-of.js';
import { listChangesPage, listRecordsPage } from './list-pages.js';
import { nameTextFault } from '../value-rules.js';
import { checkNamed, givenFields, MAX_RECORDS, parseCount, parseFilters, parseMask } from './parse-records.js';
import { kindOf, recordOf, recordsOf } from './record-to-proto.js';

/** What the methods of RecordService need. */
export interface RecordHandlerDeps {
  /** Throws while the service has not started. */
  readonly context: () => RecordContext;
}

/** The methods of RecordService. */
export function recordHandlers({ context }: RecordHandlerDeps): ServiceImplementation<RecordServiceDefinition> {
  return {
    async createRecord(request, call) {
      const ctx = context();
      const { record, validateOnly } = request;
      const kind = ctx.kinds.named(record?.kind ?? '');
      parseRequest(request, () => undefined);
      const deed = deedOf(ctx, 'create', messages.CreateRecordRequest, request, call);
      return { record: recordOf(await createRecord(ctx, kind, givenFields(record?.fields), deed, validateOnly)) };
    },

    async batchCreateRecords(request, call) {
      const ctx = context();
      const { records, validateOnly } = request;
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => {
        faults.check('records', listFault(records, 'records', MAX_RECORDS));
        for (const [index, record] of records.entries()) {
          if (record.kind !== '' && record.kind !== kind.name) {
            faults.add(`records[${index}].kind`, `is ${record.kind}; all are ${kind.name}, leave it empty`);
          }
        }
      });
      const deed = deedOf(ctx, 'create', messages.BatchCreateRecordsRequest, request, call);
      const given = records.map(({ fields }) => givenFields(fields));
      const made = await batchCreateRecords(ctx, kind, given, deed, validateOnly);
      return { records: recordsOf(made) };
    },

    async getRecord(request) {
      const ctx = context();
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => checkNamed('name', request.name, faults));
      return { record: recordOf(await getRecord(ctx, kind, request.name, request.includeDeleted)) };
    },

    async listRecords(request) {
      return listRecordsPage(context(), request);
    },

    async updateRecord(request, call) {
      const ctx = context();
      const { name, record, validateOnly } = request;
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => checkNamed('name', name, faults));
      const mask = parseMask(request.updateMask) ?? Object.keys(record?.fields ?? {});
      const update = { given: givenFields(record?.fields), mask, etag: record?.etag ?? '', validateOnly };
      const deed = deedOf(ctx, 'update', messages.UpdateRecordRequest, request, call);
      return { record: recordOf(await updateRecord(ctx, kind, name, update, deed)) };
    },

    async deleteRecord(request, call) {
      const ctx = context();
      const { name, etag } = request;
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => checkNamed('name', name, faults));
      const deed = deedOf(ctx, 'delete', messages.DeleteRecordRequest, request, call);
      const { before, ...deleted } = await deleteRecord(ctx, kind, name, etag, deed);
      return { record: recordOf({ ...deleted, body: before ?? deleted.body }) };
    },

    async undeleteRecord(request, call) {
      const ctx = context();
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => checkNamed('name', request.name, faults));
      const deed = deedOf(ctx, 'undelete', messages.UndeleteRecordRequest, request, call);
      return { record: recordOf(await undeleteRecord(ctx, kind, request.name, deed)) };
    },

    async listChanges(request) {
      return listChangesPage(context(), request);
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- every method of a service gives a promise
    async describeKind(request) {
      return { kind: kindOf(context().kinds.named(request.kind)) };
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- every method of a service gives a promise
    async listKinds() {
      return { kinds: context().kinds.all.map(kindOf) };
    },

    async claimRecords(request, call) {
      const ctx = context();
      const kind = ctx.kinds.named(request.kind);
      const { filters, count } = parseRequest(request, (faults) => {
        faults.require('owner', request.owner, nameTextFault);
        const count = parseCount(request.count, faults);
        return { ...parseFilters(kind, request.filters, faults, false), count };
      });
      const owner = claimant(call, request.owner);
      const deed = deedOf(ctx, 'claim', messages.ClaimRecordsRequest, request, call);
      const claimed = await claimRecords(ctx, kind, { filters, count, owner }, deed);
      return { records: recordsOf(claimed) };
    },

    async claimAddresses(request, call) {
      const ctx = context();
      const ranges = ctx.kinds.named(ADDRESS_RANGES);
      const count = parseRequest(request, (faults) => {
        checkNamed('range', request.range, faults);
        faults.require('owner', request.owner, nameTextFault);
        return parseCount(request.count, faults);
      });
      const owner = claimant(call, request.owner);
      const deed = deedOf(ctx, 'claim', messages.ClaimAddressesRequest, request, call);
      const claimed = await claimAddresses(ctx, ranges, request.range, { count, owner }, deed);
      return { records: recordsOf(claimed) };
    },

    async releaseRecords(request, call) {
      const ctx = context();
      const { names } = request;
      const kind = ctx.kinds.named(request.kind);
      parseRequest(request, (faults) => {
        faults.check('names', listFault(names, 'names', MAX_RECORDS));
        for (const [index, name] of names.entries()) checkNamed(`names[${index}]`, name, faults);
      });
      const owner = releaser(call, request.owner);
      const deed = deedOf(ctx, 'release', messages.ReleaseRecordsRequest, request, call);
      return { released: await releaseRecords(ctx, kind, names, owner, deed) };
    },
  };
}
