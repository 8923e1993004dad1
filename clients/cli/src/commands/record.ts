import { clockText } from '@berth/views';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { tellMore } from '../output/limited-list.js';
import { parseLimit, parseList } from '../program/options.js';
import { limitedPages } from '../program/paging.js';
import { defineClaims } from '../records/record-claims.js';
import { defineRecordChanges } from '../records/record-changes.js';
import { fieldFilters } from '../records/field-filter.js';
import { addFilterOption, addKindOption, type KindFlag } from '../records/record-input.js';
import { changeText, changeView, recordColumns, recordName, recordText, recordView } from '../records/record-view.js';

const EXAMPLES = `
A record is named by its id, or by the value of the first unique field of its kind: a machine's hostname, an address.
\`berth kinds\` says what kinds there are, \`berth kinds machines\` what a machine has.

Examples:
  berth record create --json '{"hostname":"my-machine","owner":"tony"}'
  berth record list --filter state=idle --filter owner=tony
  berth record list --filter claimed_by=ci
  berth record list -r public-addresses -o json
  berth record update my-machine --json '{"state":"needs_repair"}'
  berth record claim --filter state=idle --count 2 --owner ci
  berth record claim --range lab-net --owner ci
  berth record delete my-machine`;

interface ListFlags extends KindFlag {
  readonly filter?: readonly string[];
  readonly sort?: string;
  readonly fields?: string[];
  readonly deleted?: boolean;
  readonly limit: number;
}

/** `berth record`: the inventory of machines, addresses and whatever kinds are configured. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  addFilterOption(addKindOption(command.command('list').alias('ls').description('list records')))
    .option('--sort <field>', "by this field; 'field desc' for the reverse")
    .option('--fields <names>', 'only these fields', parseList)
    .option('--deleted', 'also deleted ones')
    .option('--limit <n>', 'at most so many; 0 = all', parseLimit, 1000)
    .action((flags: ListFlags, self: Command) => perform(self, (context) => list(context, flags)));
  addKindOption(command.command('get <name>').description('show one record'))
    .option('--deleted', 'also when it is deleted')
    .action((name: string, { resource, deleted = false }: ListFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { record } = await berth.records.getRecord({ kind: resource, name, includeDeleted: deleted });
        if (record) await out.one(recordView(record), recordText(record, new Date()), record.id);
      }),
    );
  defineRecordChanges(command);
  defineClaims(command);
  addKindOption(command.command('changes [name]').description('who changed what and when, the newest first'))
    .option('--limit <n>', 'at most so many; 0 = all', parseLimit, 100)
    .action((name: string | undefined, flags: ListFlags, self: Command) =>
      perform(self, (context) => changes(context, name ?? '', flags)),
    );
}

async function list({ berth, out }: Context, flags: ListFlags): Promise<void> {
  const { resource, filter = [], sort = '', fields, deleted = false, limit } = flags;
  const { kind } = await berth.records.describeKind({ kind: resource });
  if (!kind) return;
  const filters = fieldFilters(filter, kind);
  const { items, more } = await limitedPages(limit, async (pageToken, pageSize) => {
    const { records, nextPageToken } = await berth.records.listRecords({
      kind: resource,
      filters,
      orderBy: sort,
      includeDeleted: deleted,
      ...(fields && { readMask: fields }),
      pageSize,
      pageToken,
    });
    return { items: records, nextPageToken };
  });
  await out.list(items, {
    columns: recordColumns(kind, new Date()),
    view: recordView,
    id: (record) => recordName(record, kind),
    empty:
      filter.length === 0
        ? `there are no ${resource} yet; add one with \`berth record create\``
        : `no ${resource} are like that`,
  });
  tellMore(out, more);
}

async function changes({ berth, out }: Context, name: string, { resource, limit }: ListFlags): Promise<void> {
  const now = new Date();
  const { items, more } = await limitedPages(limit, async (pageToken, pageSize) => {
    const page = await berth.records.listChanges({ kind: resource, name, pageSize, pageToken });
    return { items: page.changes, nextPageToken: page.nextPageToken };
  });
  await out.list(items, {
    columns: [
      { title: 'WHEN', text: ({ time }) => (time ? clockText(time, now) : '') },
      { title: 'WHO', text: ({ actor }) => actor?.name ?? '' },
      { title: 'DID', text: ({ action }) => action },
      { title: 'RECORD', text: ({ recordId }) => recordId },
      { title: 'FIELDS', text: changeText },
    ],
    view: changeView,
    id: ({ recordId }) => recordId,
    empty: 'nothing was changed',
  });
  tellMore(out, more);
}
