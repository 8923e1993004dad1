import { spawn } from 'node:child_process';
import type { Resource } from '@berth/client';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { allResources } from '../program/paging.js';
import { UsageError } from '../program/usage-error.js';
import { resourceState } from '../pool/resource-view.js';

const HELP = `
{name}, {state} and {data_utf8} stand for the resource's own, put in as they are; {{ and }} for braces. Commands run one after
the other. Data are shown to operators.

Examples:
  berth foreach-resource --command 'echo {name} {state} {data_utf8}'
  berth foreach-resource --command 'ssh root@{data_utf8} uptime'`;

/** `berth foreach-resource`: runs a shell command for each resource. */
export function define(command: Command): void {
  command
    .option('--command <text>', 'for sh -c', 'echo {name}')
    .addHelpText('after', HELP)
    .action(({ command: template }: { readonly command: string }, self: Command) =>
      perform(self, async ({ berth, interrupted }) => {
        const parts = partsOf(template);
        for (const resource of await allResources(berth, {})) {
          interrupted.throwIfAborted();
          await run(parts.map((part) => part(resource)).join(''));
        }
      }),
    );
}

type Part = (resource: Resource) => string;

const FIELDS: Readonly<Record<string, Part>> = {
  name: ({ name }) => name,
  state: resourceState,
  data_utf8: ({ data }) => data.toString().replace(/\n+$/, ''),
};

/** The parts of a command. Throws UsageError for what stands in braces and is no field. */
function partsOf(template: string): readonly Part[] {
  return template.split(/(\{\{|\}\}|\{[^{}]*\}|[{}])/).map((piece): Part => {
    if (piece === '{{' || piece === '}}') return () => piece.charAt(0);
    if (!/^[{}]/.test(piece)) return () => piece;
    const field = FIELDS[piece.slice(1, -1)];
    if (field !== undefined && piece.length > 2) return field;
    const known = Object.keys(FIELDS).map((name) => `{${name}}`);
    throw new UsageError(`"${piece}" in --command is no field`, `use ${known.join(', ')}, or {{ and }} for braces`);
  });
}

/** Resolves when the command has ended, in whatever way. */
function run(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', () => {
      resolve();
    });
  });
}
