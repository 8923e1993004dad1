import type { Command } from 'commander';
import { addAmountOptions, type AmountFlags, amountsOf } from '../booking/amount-options.js';
import { parseTemplate, type TemplateName } from '../booking/booking-options.js';
import { TEMPLATE_COLUMNS, templateName, templateView } from '../booking/capacity-lists.js';
import { allTemplates } from '../booking/lists.js';
import { perform } from '../program/context.js';

const HELP = `
A template with the name of one that is there is its next version; what was booked keeps the version that it was made with.

Examples:
  berth template create small --cores 2 --memory 8
  berth template ls
  berth template ls small        # all its versions
  berth template hide small@1`;

interface ListFlags {
  readonly hidden?: boolean;
}

interface CreateFlags extends AmountFlags {
  readonly desc?: string;
}

/** `berth template`: named amounts. */
export function define(command: Command): void {
  command.addHelpText('after', HELP);
  command
    .command('ls [template]')
    .description('list templates, or all versions of one')
    .option('--hidden', 'also hidden ones')
    .action((name: string | undefined, { hidden = false }: ListFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        await out.list(await allTemplates(berth, { name: name ?? '', showHidden: hidden }), {
          columns: TEMPLATE_COLUMNS,
          view: templateView,
          id: templateName,
          empty: 'there is no template; berth template create makes one',
        });
      }),
    );
  addAmountOptions(command.command('create <template>'), 'what one takes')
    .description('make a template, or its next version (operators)')
    .option('--desc <text>', 'what it is')
    .action((name: string, flags: CreateFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { template } = await berth.capacity.createTemplate({
          template: { name, amounts: amountsOf(flags), description: flags.desc ?? '' },
        });
        if (template)
          await out.one(templateView(template), `${templateName(template)} is made`, templateName(template));
      }),
    );
  command
    .command('hide')
    .argument('<template>', 'its name, or name@version for one version', parseTemplate)
    .description('let nothing new be made with a template (operators)')
    .action(({ name, version }: TemplateName, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { template } = await berth.capacity.hideTemplate({ name, version });
        if (template) await out.one(templateView(template), `${name} is hidden`, name);
      }),
    );
}
