import { type Attribute, type Bench, type Entity, Recycle } from '@berth/client';
import { benchView } from '@berth/views';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { perform } from './program/context.js';
import { parseList, parsePair, parseWhole } from './program/options.js';
import { UsageError } from './program/usage-error.js';

interface BenchFlags {
  readonly location?: string;
  readonly attr?: readonly string[];
  readonly entity?: Readonly<Record<string, string>>;
  readonly entityProperty?: Readonly<Record<string, string>>;
  readonly property?: Readonly<Record<string, string>>;
  readonly label?: Readonly<Record<string, string>>;
  readonly affinity?: string;
  readonly recycle?: 'clean';
  readonly clear?: readonly string[];
  readonly etag?: string;
  readonly dryRun?: boolean;
}

interface DeleteFlags {
  readonly force?: boolean;
  readonly reason?: string;
  readonly onlyIdle?: boolean;
  readonly dryRun?: boolean;
}

const FIELDS = ['location', 'attributes', 'entities', 'properties', 'labels', 'affinity', 'recycle'] as const;

type BenchFields = Partial<Pick<Bench, (typeof FIELDS)[number]>>;

/** Adds `create`, `update`, `delete` and `cleaned` to `berth bench`. */
export function defineBenchChanges(command: Command): void {
  describing(command.command('create <name>').description('add a bench')).action(
    (name: string, flags: BenchFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const validateOnly = flags.dryRun ?? false;
        const { bench } = await berth.inventory.createBench({ bench: { name, ...fieldsOf(flags) }, validateOnly });
        if (bench) await out.one(benchView(bench), `${name} ${validateOnly ? 'could be' : 'is'} created`, name);
      }),
  );
  describing(
    command.command('update <name>').description('change what is given; what is given replaces what was there'),
  )
    .option('--clear <fields>', `empty these: ${FIELDS.join(', ')}`, parseList)
    .option('--etag <etag>', 'only if it is still as it was seen')
    .action((name: string, flags: BenchFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const fields = fieldsOf(flags);
        const updateMask = [...Object.keys(fields), ...(flags.clear ?? [])];
        if (updateMask.length === 0) throw new UsageError(`nothing to change in ${name} was given`, 'see its options');
        const validateOnly = flags.dryRun ?? false;
        const { bench } = await berth.inventory.updateBench({
          bench: { name, ...fields, ...(flags.etag !== undefined && { etag: flags.etag }) },
          updateMask,
          validateOnly,
        });
        if (bench) await out.one(benchView(bench), `${name} ${validateOnly ? 'could be' : 'is'} updated`, name);
      }),
    );
  command
    .command('delete <name...>')
    .description('remove benches; one that is held goes after its lease')
    .option('--force', 'end its lease now, and refuse those who wait for it alone')
    .option('--reason <text>', 'why; with --force the holder is told')
    .option('--only-idle', 'not when it is held, or kept for a request')
    .option('--dry-run', 'only check')
    .action((names: string[], flags: DeleteFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { force = false, onlyIdle = false, reason = '', dryRun = false } = flags;
        for (const name of names) {
          const call = { name, force, onlyIdle, reason, validateOnly: dryRun };
          const { removed } = await berth.inventory.deleteBench(call);
          const done = removed ? `${name} is deleted` : `${name} goes when its holder is done`;
          await out.one({ bench: name, removed }, dryRun ? `${name} could be deleted` : done, name);
        }
      }),
    );
  command
    .command('cleaned <name>')
    .description('say that a bench with --recycle clean was cleaned, so that the next may have it')
    .option(
      '--token-number <n>',
      'only after the lease with this fencing token (default: after the last one)',
      parseWhole,
    )
    .option('--affinity <name>', 'from now on lease it only to requests with this affinity')
    .action((name: string, { tokenNumber, affinity }: { tokenNumber?: number; affinity?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const fencingToken = tokenNumber ?? (await berth.inventory.getBench({ name })).bench?.cleaningToken ?? 0;
        if (fencingToken === 0) throw new UsageError(`${name} is not being cleaned`, 'see it with `berth bench show`');
        const { bench } = await berth.inventory.finishCleaning({
          name,
          fencingToken,
          ...(affinity !== undefined && { affinity }),
        });
        if (bench) await out.one(benchView(bench), `${name} is cleaned`, name);
      }),
    );
}

function describing(command: Command): Command {
  return command
    .option('--location <place>', 'where it stands')
    .option('--attr <names>', 'attributes, each with a weight if wanted: a:10,b', parseList)
    .option('--entity <name=attributes>', 'a part and its attributes: dut=e,f; repeatable', parsePair)
    .option(
      '--entity-property <entity.key=value>',
      'for the holder only: dut.socket=10.0.0.7:4567; repeatable',
      parsePair,
    )
    .option('--property <key=value>', 'of the bench as a whole, for the holder only; repeatable', parsePair)
    .option('--label <key=value>', 'for everybody; repeatable', parsePair)
    .option('--affinity <name>', 'lease it only to requests with this affinity')
    .addOption(new Option('--recycle <how>', 'what happens to it between two leases').choices(['clean']))
    .option('--dry-run', 'only check');
}

function fieldsOf(flags: BenchFlags): BenchFields {
  const { location, attr, entity, entityProperty, property, label, affinity, recycle } = flags;
  return {
    ...(location !== undefined && { location }),
    ...(attr && { attributes: attr.map(attribute) }),
    ...((entity ?? entityProperty) && { entities: entities(entity ?? {}, entityProperty ?? {}) }),
    ...(property && { properties: { ...property } }),
    ...(label && { labels: { ...label } }),
    ...(affinity !== undefined && { affinity }),
    ...(recycle !== undefined && { recycle: Recycle.CLEAN }),
  };
}

function attribute(text: string): Attribute {
  const at = text.lastIndexOf(':');
  if (at < 0) return { name: text, weight: 0 };
  try {
    return { name: text.slice(0, at), weight: parseWhole(text.slice(at + 1)) };
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new UsageError(`attribute "${text}": ${error.message}`) : error;
  }
}

function entities(
  named: Readonly<Record<string, string>>,
  properties: Readonly<Record<string, string>>,
): Record<string, Entity> {
  const all: Record<string, Entity> = {};
  for (const [name, attributes] of Object.entries(named)) {
    all[name] = { attributes: attributes === '' ? [] : parseList(attributes).map(attribute), properties: {} };
  }
  for (const [path, value] of Object.entries(properties)) {
    const at = path.indexOf('.');
    if (at < 1) throw new UsageError(`--entity-property "${path}" must be entity.key=value`);
    const entity = (all[path.slice(0, at)] ??= { attributes: [], properties: {} });
    entity.properties[path.slice(at + 1)] = value;
  }
  return all;
}
