import { type AcquireOptions, durationToMs, type LeaseHandle } from '@berth/client';
import { leaseView, spanText } from '@berth/views';
import { type Command, Option } from 'commander';
import { perform } from '../program/context.js';
import { benchNames } from '../lease-reference.js';
import { addRequestOptions, parseSpan, type RequestFlags, requestOf } from '../program/options.js';
import { outerVariables, type RunEnvironment, runEnvironment } from '../processes/run-environment.js';
import { UsageError } from '../program/usage-error.js';
import { acquireShowing } from '../output/waiting.js';

const DEFAULT_TTL_MS = 30 * 60_000;

const EXAMPLES = `
The lease lasts for --ttl (default 30m) after this call and after each \`berth renew\`, or with --manual until it is released.
Prefer \`berth run\`, which cannot forget to release.

Examples:
  berth acquire --bench resource1 --ttl 2h --desc 'debugging the boot loader'
  berth acquire --attr a --manual
  berth acquire --attr a --unattended --request-id nightly  # hang up at will; the same again tells what became of it
  eval "$(berth acquire --bench resource1 --env)"; ./flash.sh; berth release "$BERTH_LEASE_ID"`;

interface Flags extends RequestFlags {
  readonly ttl?: number;
  readonly manual?: boolean;
  readonly unattended?: boolean;
  readonly env?: boolean;
}

/** `berth acquire`: a lease that outlives this process. */
export function define(command: Command): void {
  addRequestOptions(command)
    .option('--ttl <span>', 'it ends this long after the last renewal (default 30m)', parseSpan)
    .addOption(new Option('--manual', 'it ends when it is released').conflicts('ttl'))
    .addOption(
      new Option('--unattended', 'manual, and wait on also when this call ends; needs --request-id')
        .conflicts('ttl')
        .implies({ manual: true }),
    )
    .option('--env', 'print shell commands that export what `berth run` would set')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags, self: Command) =>
      perform(self, async (context) => {
        if (flags.unattended && flags.requestId === undefined) {
          throw new UsageError('--unattended needs --request-id', 'choose an id; with the same one you ask again');
        }
        const hold: AcquireOptions = flags.manual
          ? { hold: 'manual', unattended: flags.unattended ?? false }
          : { hold: 'ttl', ttl: flags.ttl ?? DEFAULT_TTL_MS };
        if (flags.env && context.config.output !== 'table')
          throw new UsageError('--env cannot be combined with --output');
        const lease = await acquireShowing(context, { ...requestOf(flags), ...hold }, flags);
        if (flags.env) {
          const environment = runEnvironment(lease.lease);
          const large = Object.keys(environment.files).length > 0;
          const largeNotes = large ? ['a bench is too large for a variable: `berth ls -o json` shows it'] : [];
          for (const note of [...environment.notes, ...largeNotes]) context.out.note(`berth: ${note}`);
          context.out.exactLine(exportsText(environment));
        } else await context.out.one(leaseView(lease.lease), grantedText(lease), lease.id);
      }),
    );
}

function grantedText(lease: LeaseHandle): string {
  const { id, fencingToken } = lease;
  const ttl = lease.lease.ttl;
  const until = ttl
    ? `renew it within ${spanText(durationToMs(ttl))}: berth renew ${id}`
    : 'it lasts until it is released';
  return `got ${benchNames(lease.lease)} (lease ${id}, token ${fencingToken})\n${until}\ngive it back: berth release ${id}`;
}

/** Shell commands that take away what an earlier lease exported, and export what this one has. */
function exportsText({ variables }: RunEnvironment): string {
  const outer = outerVariables(process.env).filter((name) => !(name in variables));
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  return [...(outer.length > 0 ? [`unset ${outer.join(' ')}`] : []), ...lines].join('\n');
}
