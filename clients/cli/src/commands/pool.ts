import { PoolState, type Resource } from '@berth/client';
import { type Column, factsText, poolColumns, poolFacts, poolView, sinceText, untilText } from '@berth/views';
import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { perform } from '../program/context.js';
import { allPoolLeaks, allPools } from '../program/paging.js';
import { applyFile } from '../pool/apply-file.js';
import { resourceState, resourceView } from '../pool/resource-view.js';
import { setPoolState } from '../pool/set-state.js';
import { sweepPool } from '../pool/sweep.js';
import { parseNumber } from '../pool/ticket-number.js';

const HELP = `
The server checks a file by the rules that it applies, so validate needs a server too.

Examples:
  berth pool ls
  berth pool show vms
  berth pool validate pools.yaml
  berth pool apply pools.yaml --dry-run
  berth pool pause vms --reason 'the provider is down'
  berth pool resume vms
  berth pool sweep vms --dry-run
  berth pool leaks
  berth pool forget 17 --reason 'deleted by hand'`;

/** `berth pool`: what makes resources. */
export function define(command: Command): void {
  command.addHelpText('after', HELP);
  command
    .command('ls')
    .description('list pools')
    .action((_flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        await out.list(await allPools(berth), {
          columns: poolColumns(new Date()),
          view: poolView,
          id: ({ name }) => name,
          empty: 'there are no pools; berthd --pools FILE gives it some',
        });
      }),
    );
  command
    .command('show <pool>')
    .description('show a pool: its state, who set it and why, and its options')
    .action((name: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { pool } = await berth.pools.getPool({ name });
        if (pool) await out.one(poolView(pool), factsText(poolFacts(pool, new Date())), pool.name);
      }),
    );
  defineFiles(command);
  defineStates(command);
  defineLeaks(command);
}

/** The subcommands about pools.yaml. */
function defineFiles(command: Command): void {
  command
    .command('validate <file>')
    .description('check a file and tell what it would change; changes nothing')
    .action((file: string, _flags: object, self: Command) =>
      perform(self, (context) => applyFile(context, file, 'validate')),
    );
  command
    .command('apply <file>')
    .description('put a file in force, all of it or nothing (operators)')
    .option('--dry-run', 'only tell what would change')
    .action((file: string, { dryRun = false }: { readonly dryRun?: boolean }, self: Command) =>
      perform(self, (context) => applyFile(context, file, dryRun ? 'dry-run' : 'apply')),
    );
  command
    .command('export')
    .description('write the pools in force as a file that apply takes (operators)')
    .option('--file <file>', 'write to this file instead of stdout')
    .action(({ file }: { readonly file?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { yaml, applyTime, origin, fileFault } = await berth.pools.exportPools({});
        if (fileFault !== '') out.note(`berth: the present file of the server is not in force: ${fileFault}`);
        if (file !== undefined) writeFileSync(file, yaml);
        else if (out.config.output === 'json') await out.one({ yaml, applyTime, origin, fileFault }, '');
        else process.stdout.write(yaml);
      }),
    );
}

/** The subcommands that set what a pool does. */
function defineStates(command: Command): void {
  for (const [name, state, what] of [
    ['pause', PoolState.PAUSED, 'start nothing more; what is there is lent'],
    ['drain', PoolState.DRAINING, 'delete what is free, and what is leased after its lease'],
    ['evacuate', PoolState.EVACUATING, 'delete everything; leases end'],
  ] as const) {
    command
      .command(`${name} <pool>`)
      .description(`${what} (operators)`)
      .requiredOption('--reason <text>', 'why; shown by pool show')
      .action((pool: string, { reason }: { readonly reason: string }, self: Command) =>
        perform(self, (context) => setPoolState(context, pool, state, reason)),
      );
  }
  command
    .command('resume <pool>')
    .description('do again what the file says (operators)')
    .action((pool: string, _flags: object, self: Command) =>
      perform(self, (context) => setPoolState(context, pool, PoolState.ACTIVE, '')),
    );
}

/** The subcommands about what could not be deleted, or that nobody knows. */
function defineLeaks(command: Command): void {
  command
    .command('sweep <pool>')
    .description('ask cmd_list what there is, and delete strangers that qualify (operators)')
    .option('--dry-run', 'only tell what would be deleted')
    .action((pool: string, { dryRun = false }: { readonly dryRun?: boolean }, self: Command) =>
      perform(self, (context) => sweepPool(context, pool, dryRun)),
    );
  command
    .command('leaks')
    .description('list what could not be deleted, the oldest first')
    .option('--pool <name>', 'only of this pool')
    .action((filter: { readonly pool?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const leaks = await allPoolLeaks(berth, filter);
        // A name that no pool has is told, with the one that was meant.
        if (leaks.length === 0 && filter.pool !== undefined) await berth.pools.getPool({ name: filter.pool });
        await out.list(leaks, {
          columns: leakColumns(new Date()),
          view: resourceView,
          id: ({ number }) => String(number),
          empty: 'everything could be deleted',
        });
      }),
    );
  command
    .command('retry')
    .argument('<resource>', 'its number', parseNumber)
    .description('try cmd_delete of a resource again now (operators)')
    .action((number: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { resource } = await berth.pools.retryDelete({ number });
        if (resource)
          await out.one(resourceView(resource), `cmd_delete of ${resource.name} is tried again now`, resource.name);
      }),
    );
  command
    .command('forget')
    .argument('<resource>', 'its number', parseNumber)
    .description('say that a resource is gone though cmd_delete failed (operators)')
    .requiredOption('--reason <text>', 'how that is known')
    .action((number: number, { reason }: { readonly reason: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { resource } = await berth.pools.forgetResource({ number, reason });
        if (resource) await out.one(resourceView(resource), `${resource.name} counts as gone`, resource.name);
      }),
    );
}

function leakColumns(now: Date): readonly Column<Resource>[] {
  return [
    { title: 'RESOURCE', text: ({ number }) => String(number) },
    { title: 'NAME', text: ({ name }) => name },
    { title: 'POOL', text: ({ pool }) => pool },
    { title: 'STATE', text: resourceState },
    { title: 'SINCE', text: ({ leakTime }) => sinceText(leakTime, now) },
    { title: 'TRIED', text: ({ failedDeletes }) => String(failedDeletes) },
    { title: 'NEXT TRY', text: ({ retryTime }) => untilText(retryTime, now) },
    { title: 'WHY', text: ({ lastError }) => lastError },
  ];
}
