import { factsText } from '@berth/views';
import { type Command, Option } from 'commander';
import { addAmountOptions, type AmountFlags, amountsOf } from '../booking/amount-options.js';
import { grantColumns, grantFacts, grantView } from '../booking/capacity-lists.js';
import { allGrants } from '../booking/lists.js';
import { addRangeOptions, optionalRangeOf, type RangeFlags, rangeOf } from '../booking/range-options.js';
import { perform } from '../program/context.js';
import { parsePair, parseRepeated } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';

const HELP = `
Grants add to a root cluster, maintenance takes from a cluster whatever is booked; bookings over an instant at which too
little is left are degraded then. Without --until a grant lasts until it is changed.

Examples:
  berth grant create --cores 100 --memory 400 --from 2031-01-01 --until 2031-12-31 --desc 'quota of the year'
  berth grant update gr-7k2m4x9d --cores 80 --force
  berth grant maintenance --cores 20 --from 2031-06-08 --for 1d --desc 'new disks'
  berth grant maintenance --bench resource1 --from 2031-06-08T09:00 --for 2h
  berth grant ls --cluster default`;

type Pairs = Readonly<Record<string, string>>;

interface GrantFlags extends AmountFlags, RangeFlags {
  readonly cluster?: string;
  readonly desc?: string;
  readonly label?: Pairs;
  readonly dryRun?: boolean;
  readonly requestId?: string;
}

interface MaintenanceFlags extends GrantFlags {
  readonly bench?: readonly string[];
  readonly force?: boolean;
}

interface UpdateFlags extends GrantFlags {
  readonly force?: boolean;
}

interface ListFlags extends RangeFlags {
  readonly cluster?: string;
  readonly deleted?: boolean;
}

/** `berth grant`: what clusters have. */
export function define(command: Command): void {
  command.addHelpText('after', HELP);
  defineReading(command);
  defineMaking(command);
  defineChanges(command);
}

function addGrantOptions(command: Command): Command {
  return addRangeOptions(addAmountOptions(command, 'how much'))
    .option('--desc <text>', 'what it is')
    .addOption(new Option('--label <key=value>', 'keep this with it; repeatable').argParser(parsePair))
    .option('--dry-run', 'only tell whether it would be taken')
    .option('--request-id <id>', 'the same id again changes nothing more');
}

function defineReading(command: Command): void {
  addRangeOptions(command.command('ls'))
    .description('list grants and maintenance')
    .option('--cluster <name>', 'only of this cluster')
    .option('--deleted', 'also deleted ones')
    .action((flags: ListFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const range = await optionalRangeOf(flags);
        const filter = { cluster: flags.cluster ?? '', showDeleted: flags.deleted ?? false, ...(range && { range }) };
        await out.list(await allGrants(berth, filter), {
          columns: grantColumns(new Date()),
          view: grantView,
          id: ({ id }) => id,
          empty: 'nothing is granted; berth grant create gives a cluster something',
        });
      }),
    );
  command
    .command('show <grant>')
    .description('show a grant')
    .action((id: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { grant } = await berth.capacity.getGrant({ id });
        if (grant) await out.one(grantView(grant), factsText(grantFacts(grant, new Date())), id);
      }),
    );
}

function defineMaking(command: Command): void {
  addGrantOptions(command.command('create').option('--cluster <name>', 'the root cluster (default: default)'))
    .description('grant capacity to a root cluster (operators)')
    .action((flags: GrantFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { cluster = '', dryRun = false } = flags;
        const { grant } = await berth.capacity.createGrant({
          grant: { cluster, range: await rangeOf(flags, { open: true }), ...saidOf(flags) },
          validateOnly: dryRun,
          ...(flags.requestId !== undefined && { requestId: flags.requestId }),
        });
        if (grant) await out.one(grantView(grant), dryRun ? 'it would be granted' : `${grant.id} is granted`, grant.id);
      }),
    );
  addGrantOptions(command.command('maintenance').option('--cluster <name>', 'the cluster (default: default)'))
    .description('take capacity out of use for a time (operators)')
    .addOption(new Option('--bench <name>', 'this bench; repeat it for several').argParser(parseRepeated))
    .option('--force', 'take benches also from leases and waiting requests')
    .action((flags: MaintenanceFlags, self: Command) =>
      perform(self, async ({ berth, out, config }) => {
        const { bench = [], force = false, dryRun = false } = flags;
        const lab = `lab/${config.lab ?? 'default'}`;
        const { maintenance } = await berth.capacity.createMaintenance({
          maintenance: {
            cluster: flags.cluster ?? (bench.length > 0 ? lab : ''),
            benches: [...bench],
            range: await rangeOf(flags, { open: true }),
            ...saidOf(flags),
          },
          force,
          validateOnly: dryRun,
          ...(flags.requestId !== undefined && { requestId: flags.requestId }),
        });
        const text = dryRun ? 'it would be taken out of use' : `${maintenance?.id ?? ''} is maintenance`;
        if (maintenance) await out.one(grantView(maintenance), text, maintenance.id);
      }),
    );
}

function defineChanges(command: Command): void {
  addGrantOptions(command.command('update <grant>'))
    .description('change a grant, or maintenance (operators)')
    .option('--force', 'take away also what bookings need: they are degraded then')
    .action((id: string, flags: UpdateFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { force = false, dryRun = false } = flags;
        const range = await optionalRangeOf(flags);
        const said = { ...saidOf(flags), ...(range && { range }) };
        if (Object.keys(said).length === 0)
          throw new UsageError('it is not said what to change', 'see `berth grant update --help`');
        const { grant } = await berth.capacity.updateGrant({
          grant: { id, ...said },
          updateMask: Object.keys(said),
          force,
          validateOnly: dryRun,
        });
        if (grant) await out.one(grantView(grant), dryRun ? 'it would be changed' : `${id} is changed`, id);
      }),
    );
  command
    .command('delete <grant>')
    .description('delete a grant, or maintenance (operators)')
    .option('--force', 'take away also what bookings need: they are degraded then')
    .action((id: string, { force = false }: { readonly force?: boolean }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { grant } = await berth.capacity.deleteGrant({ id, force });
        if (grant) await out.one(grantView(grant), `${id} is deleted`, id);
      }),
    );
}

/** What the flags say beside when. */
function saidOf(flags: GrantFlags) {
  const amounts = amountsOf(flags);
  return {
    ...(Object.keys(amounts).length > 0 && { amounts }),
    ...(flags.desc !== undefined && { description: flags.desc }),
    ...(flags.label && { labels: { ...flags.label } }),
  };
}
