import type { Berth, InventoryRecord } from '@berth/client';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { parseRepeated } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { addKindOption, fieldsOfJson, type KindFlag } from './record-input.js';
import { recordName, recordView } from './record-view.js';

interface CreateFlags extends KindFlag {
  readonly json: string;
  readonly dryRun?: boolean;
}

interface UpdateFlags extends KindFlag {
  readonly json?: string;
  readonly unset?: readonly string[];
  readonly etag?: string;
  readonly dryRun?: boolean;
}

/** The commands of `berth record` that create, change and delete. */
export function defineRecordChanges(command: Command): void {
  addKindOption(command.command('create').description('add a record, or all of a list or none'))
    .requiredOption('--json <fields>', 'its fields, or a list of such; - is stdin, @FILE a file')
    .option('--dry-run', 'check everything, add nothing')
    .action((flags: CreateFlags, self: Command) => perform(self, (context) => create(context, flags)));
  addKindOption(command.command('update <name>').description('change the fields that are given'))
    .option('--json <fields>', 'their new values; null removes a field')
    .option('--unset <field>', 'remove this field; repeatable', parseRepeated)
    .option('--etag <etag>', 'only if it is still as it was seen (default: as it is now)')
    .option('--dry-run', 'check everything, change nothing')
    .action((name: string, flags: UpdateFlags, self: Command) =>
      perform(self, (context) => update(context, name, flags)),
    );
  addKindOption(command.command('delete <name...>').description('delete records; they can be brought back for 30 days'))
    .option('--etag <etag>', 'only if it is still as it was seen')
    .action((names: string[], { resource, etag }: UpdateFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        for (const name of names) {
          const seen = etag ?? (await etagOf(berth, resource, name));
          const { record } = await berth.records.deleteRecord({ kind: resource, name, etag: seen });
          const id = record?.id ?? name;
          if (record)
            await out.one(recordView(record), `${name} is deleted; \`berth record undelete ${id}\` brings it back`, id);
        }
      }),
    );
  addKindOption(command.command('undelete <name>').description('bring a deleted record back')).action(
    (name: string, { resource }: KindFlag, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { record } = await berth.records.undeleteRecord({ kind: resource, name });
        if (record) await out.one(recordView(record), `${name} is back`, record.id);
      }),
  );
}

async function create({ berth, out }: Context, { resource, json, dryRun = false }: CreateFlags): Promise<void> {
  const given = fieldsOfJson(json);
  const { kind } = await berth.records.describeKind({ kind: resource });
  const done = (record: InventoryRecord): string =>
    `${recordName(record, kind)} ${dryRun ? 'could be' : 'is'} created (${resource})`;
  if (Array.isArray(given)) {
    const records = (given as object[]).map((fields) => ({ fields }));
    const answer = await berth.records.batchCreateRecords({ kind: resource, records, validateOnly: dryRun });
    for (const record of answer.records) await out.one(recordView(record), done(record), dryRun ? '' : record.id);
    return;
  }
  const { record } = await berth.records.createRecord({
    record: { kind: resource, fields: given },
    validateOnly: dryRun,
  });
  if (record) await out.one(recordView(record), done(record), dryRun ? '' : record.id);
}

async function update({ berth, out }: Context, name: string, flags: UpdateFlags): Promise<void> {
  const { resource, json, unset = [], etag, dryRun = false } = flags;
  const given = json === undefined ? {} : fieldsOfJson(json);
  if (Array.isArray(given))
    throw new UsageError('--json is a list', 'one record is changed at a time: write one object');
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const updateMask = [...new Set([...Object.keys(given), ...unset])];
  if (updateMask.length === 0) throw new UsageError(`nothing to change in ${name} was given`, 'say --json or --unset');
  const { record } = await berth.records.updateRecord({
    kind: resource,
    name,
    record: { fields, etag: etag ?? (await etagOf(berth, resource, name)) },
    updateMask,
    validateOnly: dryRun,
  });
  if (record) await out.one(recordView(record), `${name} ${dryRun ? 'could be' : 'is'} updated`, record.id);
}

async function etagOf(berth: Berth, kind: string, name: string): Promise<string> {
  const { record } = await berth.records.getRecord({ kind, name });
  return record?.etag ?? '';
}
