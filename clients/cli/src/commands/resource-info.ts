import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { resourceView, runView } from '../pool/resource-view.js';

const HELP = `
Prints JSON, or YAML with -o yaml. Its data are shown to operators.

Examples:
  berth resource-info 2
  berth resource-info vms_00000002_20310509_120000`;

/** `berth resource-info`: all about a resource. */
export function define(command: Command): void {
  command
    .argument('<resource>', 'its number or its name')
    .addHelpText('after', HELP)
    .action((name: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { resource, runs } = await berth.pools.getResource({ name });
        if (!resource) return;
        const value = { ...resourceView(resource), runs: runs.map(runView) };
        await out.one(value, JSON.stringify(value, null, 4), resource.name);
      }),
    );
}
