import { benchColumns, benchText, benchView } from '@berth/views';
import type { Command } from 'commander';
import { defineBenchChanges } from '../bench-changes.js';
import { perform } from '../program/context.js';
import { parseList } from '../program/options.js';
import { allBenches } from '../program/paging.js';
import { UsageError } from '../program/usage-error.js';

const EXAMPLES = `
Examples:
  berth bench ls
  berth bench ls --query 'attributes=[a]'
  berth bench show resource1
  berth bench create rack7 --location office1 --attr a:10,b --entity dut=e,f --entity-property dut.socket=10.0.0.7:4567
  berth bench update rack7 --attr a:10,b,c
  berth bench delete rack7`;

interface ListFlags {
  readonly query?: string;
  readonly attr?: readonly string[];
  readonly location?: string;
}

/** `berth bench`: what the lab has to lend. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  command
    .command('ls')
    .description('list benches, their condition and holders')
    .option('--query <text>', 'only those like this, such as location=office1&attributes=[a]')
    .option('--attr <names>', 'only those with these attributes', parseList)
    .option('--location <place>', 'only those in this place')
    .action(({ query, attr, location }: ListFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        if (query !== undefined && (attr !== undefined || location !== undefined)) {
          throw new UsageError('--query cannot be combined with --attr and --location', 'put all of it into the query');
        }
        const requirement = {
          ...(query !== undefined && { query }),
          ...(attr && { attributes: [...attr] }),
          ...(location !== undefined && { location }),
        };
        const all = Object.keys(requirement).length === 0;
        await out.list(await allBenches(berth, all ? {} : { requirement }), {
          columns: benchColumns(new Date()),
          view: benchView,
          id: ({ name }) => name,
          empty: all ? 'there are no benches yet; add some with `berth inventory apply FILE`' : 'no bench is like that',
        });
      }),
    );
  command
    .command('show <name>')
    .description('show everything of one bench')
    .action((name: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { bench } = await berth.inventory.getBench({ name });
        if (bench) await out.one(benchView(bench), benchText(bench, new Date()), bench.name);
      }),
    );
  defineBenchChanges(command);
}
