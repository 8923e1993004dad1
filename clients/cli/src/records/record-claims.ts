import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { parseWhole } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { fieldFilters } from './field-filter.js';
import { addFilterOption, addKindOption, type KindFlag } from './record-input.js';
import { recordColumns, recordName, recordView } from './record-view.js';

interface ClaimFlags extends KindFlag {
  readonly filter?: readonly string[];
  readonly range?: string;
  readonly count?: number;
  readonly owner?: string;
}

/** `berth record claim` and `release`. */
export function defineClaims(command: Command): void {
  addFilterOption(
    addKindOption(command.command('claim').description('take free records, or free addresses of a range: all or none')),
  )
    .option('--range <name>', 'addresses of this record of kind address-ranges')
    .option('--count <n>', 'how many (default 1)', parseWhole)
    .option('--owner <name>', 'for whom (default: you)')
    .action((flags: ClaimFlags, self: Command) => perform(self, (context) => claim(context, flags)));
  addKindOption(command.command('release <name...>').description('give claimed records back'))
    .option('--owner <name>', 'only if they are claimed by this owner')
    .action((names: string[], { resource, owner = '' }: ClaimFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { released } = await berth.records.releaseRecords({ kind: resource, names, owner });
        const others = names.length - released;
        const rest = others === 0 ? '' : `; ${String(others)} ${others === 1 ? 'was' : 'were'} not claimed`;
        await out.one({ released }, `released ${String(released)} of ${String(names.length)}${rest}`);
      }),
    );
}

async function claim({ berth, out }: Context, flags: ClaimFlags): Promise<void> {
  const { resource, filter = [], range, count, owner = process.env['BERTH_USER'] ?? userInfo().username } = flags;
  const wanted = { owner, ...(count !== undefined && { count }) };
  if (range !== undefined && filter.length > 0) {
    throw new UsageError('--range cannot be combined with --filter', 'free addresses of a range have no fields yet');
  }
  if (range !== undefined) {
    const { records } = await berth.records.claimAddresses({ range, ...wanted });
    const kind = (await berth.records.describeKind({ kind: records[0]?.kind ?? resource })).kind;
    await show(records, kind);
    return;
  }
  const { kind } = await berth.records.describeKind({ kind: resource });
  const filters = kind ? fieldFilters(filter, kind) : [];
  const { records } = await berth.records.claimRecords({ kind: resource, filters, ...wanted });
  await show(records, kind);

  async function show(claimed: typeof records, of: typeof kind): Promise<void> {
    await out.list(claimed, {
      columns: of ? recordColumns(of, new Date()) : [],
      view: recordView,
      id: (record) => recordName(record, of),
      empty: 'nothing was claimed',
    });
  }
}
