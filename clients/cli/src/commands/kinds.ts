import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { FIELD_COLUMNS, kindView } from '../records/record-view.js';

const EXAMPLES = `
Further kinds come from the file that the server's setting tracker.kindsFile names; see examples/kinds.yaml.

Examples:
  berth kinds
  berth kinds machines
  berth kinds machines -o json`;

/** `berth kinds`: what records there are, and what they look like. */
export function define(command: Command): void {
  command
    .argument('[name]', 'show the fields of this kind')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        if (name === undefined) {
          const { kinds } = await berth.records.listKinds({});
          await out.list(kinds, {
            columns: [
              { title: 'KIND', text: (kind) => kind.name },
              { title: 'NAMED BY', text: ({ nameField }) => nameField },
              { title: 'FIELDS', text: ({ fields }) => fields.map((field) => field.name).join(' ') },
              { title: 'WHAT', text: ({ description }) => description },
            ],
            view: kindView,
            id: (kind) => kind.name,
            empty: 'there are no kinds',
          });
          return;
        }
        const { kind } = await berth.records.describeKind({ kind: name });
        if (!kind) return;
        if (out.config.output !== 'table' || out.config.quiet) await out.one(kindView(kind), '', kind.name);
        else
          await out.list(kind.fields, {
            columns: FIELD_COLUMNS,
            view: (field) => field,
            id: (field) => field.name,
            empty: 'it has no fields',
          });
      }),
    );
}
