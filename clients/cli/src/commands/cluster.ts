import { WhenFull } from '@berth/client';
import { factsText } from '@berth/views';
import { type Command, Option } from 'commander';
import { addAmountOptions, type AmountFlags, amountsOf, parseAmountPair } from '../booking/amount-options.js';
import { clusterColumns, clusterFacts, clusterView, sizeColumns, sizeView } from '../booking/capacity-lists.js';
import { allClusters, allSizes } from '../booking/lists.js';
import { parsePart, type PartFlag } from '../booking/part-option.js';
import { addRangeOptions, optionalRangeOf, type RangeFlags } from '../booking/range-options.js';
import { momentOf, parseWhen, type When, WHEN_HELP } from '../booking/when.js';
import { perform } from '../program/context.js';
import { parsePair } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';

const HELP = `
A root cluster has what is granted to it (berth grant create). A child, default/spark, is a booking on its parent, and has a
size of its own: amounts, or parts made of templates.

Examples:
  berth cluster create default/spark --cores 20 --from 2031-06-01 --until 2031-06-30
  berth cluster create default/k8s --part master=small:3 --part worker=large:8 --limit cores=80 --from now --for 52w
  berth cluster resize default/spark --cores 30 --from 2031-06-15
  berth cluster sizes default/spark
  berth cluster create quota --unit memory=GiB --zone Europe/London      # a root one (operators)
  berth cluster delete default/spark`;

type Pairs = Readonly<Record<string, string>>;

interface FactFlags {
  readonly desc?: string;
  readonly kind?: string;
  readonly unit?: Pairs;
  readonly label?: Pairs;
  readonly owner?: string;
}

interface SizeFlags extends AmountFlags {
  readonly part?: readonly PartFlag[];
}

interface CreateFlags extends FactFlags, SizeFlags, RangeFlags {
  readonly limit?: Readonly<Record<string, number>>;
  readonly provisional?: boolean;
  readonly dryRun?: boolean;
}

interface UpdateFlags extends FactFlags {
  readonly limit?: Readonly<Record<string, number>> | false;
  readonly until?: When;
  readonly zone?: string;
}

interface ResizeFlags extends SizeFlags, RangeFlags {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `berth cluster`: timelines of capacity. */
export function define(command: Command): void {
  command.addHelpText('after', HELP);
  defineReading(command);
  defineCreate(command);
  defineChanges(command);
}

function defineReading(command: Command): void {
  command
    .command('ls')
    .description('list clusters')
    .option('--in <cluster>', 'only the children of this one')
    .option('--closed', 'also those that are over')
    .action((flags: { readonly in?: string; readonly closed?: boolean }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        await out.list(await allClusters(berth, { parent: flags.in ?? '', showClosed: flags.closed ?? false }), {
          columns: clusterColumns(new Date()),
          view: clusterView,
          id: ({ name }) => name,
          empty: 'there is no cluster there',
        });
      }),
    );
  command
    .command('show <cluster>')
    .description('show a cluster: its size, its limit, when it is there')
    .action((name: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { cluster } = await berth.capacity.getCluster({ name });
        if (cluster) await out.one(clusterView(cluster), factsText(clusterFacts(cluster, new Date())), name);
      }),
    );
  addRangeOptions(command.command('sizes <cluster>'))
    .description('how big a cluster was, is and will be')
    .action((name: string, flags: RangeFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const range = await optionalRangeOf(flags);
        await out.list(await allSizes(berth, { cluster: name, ...(range && { range }) }), {
          columns: sizeColumns(new Date()),
          view: sizeView,
          id: ({ interval }) => interval?.startTime?.toISOString() ?? '',
          empty: 'it has no size in that time',
        });
      }),
    );
}

function addFactOptions(command: Command): Command {
  return command
    .option('--desc <text>', 'what it is')
    .option('--kind <kind>', 'what it is made of or for: openstack, kubernetes, spark …')
    .addOption(new Option('--unit <name=unit>', 'the unit of an amount; repeatable').argParser(parsePair))
    .addOption(new Option('--label <key=value>', 'keep this with it; repeatable').argParser(parsePair))
    .option('--owner <name>', 'whose it is (operators)');
}

function addSizeOptions(command: Command): Command {
  return addAmountOptions(command, 'its size').addOption(
    new Option('--part <role=template:n>', 'its size by parts, such as worker=large:8; repeatable').argParser(
      parsePart,
    ),
  );
}

function defineCreate(command: Command): void {
  addRangeOptions(addSizeOptions(addFactOptions(command.command('create <cluster>'))))
    .description('make a cluster; a child takes its size from its parent')
    .addOption(
      new Option('--limit <name=n>', 'the most it can grow to without asking again; repeatable').argParser(
        parseAmountPair,
      ),
    )
    .option('--provisional', 'when the parent has no room, wait for it')
    .option('--dry-run', 'only tell whether it would fit')
    .action((name: string, flags: CreateFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { zone, limit, part = [], dryRun = false, provisional = false } = flags;
        const child = name.includes('/');
        // The zone of a root cluster is that of its dates; a child's dates have one of their own.
        const range = child ? await optionalRangeOf(flags) : undefined;
        const { cluster } = await berth.capacity.createCluster({
          cluster: {
            name,
            ...factsOf(flags),
            ...(!child && zone !== undefined && { timeZone: zone }),
            ...(range && { range }),
            amounts: amountsOf(flags),
            parts: [...part],
            ...(limit && { limit: { amounts: { ...limit } } }),
          },
          whenFull: provisional ? WhenFull.WAIT : WhenFull.UNSPECIFIED,
          validateOnly: dryRun,
        });
        const text = dryRun ? `cluster ${name} would be made` : `cluster ${name} is made`;
        if (cluster) await out.one(clusterView(cluster), text, name);
      }),
    );
}

function factsOf({ desc, kind, unit, label, owner }: FactFlags) {
  return {
    ...(desc !== undefined && { description: desc }),
    ...(kind !== undefined && { kind }),
    ...(unit && { units: { ...unit } }),
    ...(label && { labels: { ...label } }),
    ...(owner !== undefined && { owner }),
  };
}

function defineChanges(command: Command): void {
  addFactOptions(command.command('update <cluster>'))
    .description('change what is said of a cluster, its limit and its end')
    .addOption(new Option('--limit <name=n>', 'the most it can grow to; repeatable').argParser(parseAmountPair))
    .option('--no-limit', 'what it takes from its parent is its size, always')
    .addOption(new Option('--until <when>', `its new end: ${WHEN_HELP}`).argParser(parseWhen))
    .option('--zone <zone>', 'the IANA zone of dates in it')
    .action((name: string, flags: UpdateFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { cluster } = await berth.capacity.updateCluster(await updateOf(name, flags));
        if (cluster) await out.one(clusterView(cluster), `cluster ${name} is changed`, name);
      }),
    );
  addRangeOptions(addSizeOptions(command.command('resize <cluster>')))
    .description('set the size of a cluster, from now or --from then on')
    .option('--force', 'also where bookings in it need more (operators)')
    .option('--dry-run', 'only tell whether it would fit')
    .action((name: string, flags: ResizeFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { part = [], force = false, dryRun = false, zone = '' } = flags;
        const range = await optionalRangeOf(flags);
        const { cluster } = await berth.capacity.resizeCluster({
          name,
          parts: [...part],
          amounts: amountsOf(flags),
          ...(range && { start: range.start, end: range.end }),
          timeZone: zone,
          force,
          validateOnly: dryRun,
        });
        const text = dryRun ? `cluster ${name} would be resized` : `cluster ${name} is resized`;
        if (cluster) await out.one(clusterView(cluster), text, name);
      }),
    );
  command
    .command('delete <cluster>')
    .description('delete a cluster, and give back what it takes from its parent')
    .option('--force', 'also cancel what is booked on it')
    .action((name: string, { force = false }: { readonly force?: boolean }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { cluster } = await berth.capacity.deleteCluster({ name, force });
        if (cluster) await out.one(clusterView(cluster), `cluster ${name} is deleted`, name);
      }),
    );
}

/** The update that the flags describe, with a mask of what they name. */
async function updateOf(name: string, flags: UpdateFlags) {
  const { limit, until, zone } = flags;
  const facts = factsOf(flags);
  const end = until && (await momentOf(until, zone));
  const updateMask = [
    ...Object.keys(facts),
    ...(limit === undefined ? [] : ['limit']),
    ...(end ? ['range.end'] : []),
    ...(zone !== undefined && end === undefined ? ['time_zone'] : []),
  ];
  if (updateMask.length === 0)
    throw new UsageError('it is not said what to change', 'see `berth cluster update --help`');
  const cluster = {
    name,
    ...facts,
    ...(limit && { limit: { amounts: { ...limit } } }),
    ...(end && { range: { end, timeZone: zone ?? '' } }),
    ...(zone !== undefined && { timeZone: zone }),
  };
  return { cluster, updateMask };
}
