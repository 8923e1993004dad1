import { type Bench, ConditionState } from '@berth/client';
import { benchView, type Column, sinceText, stateName, untilText } from '@berth/views';
import { type Command, Option } from 'commander';
import { perform } from '../program/context.js';
import { parseUntil } from '../program/options.js';
import { allBenches } from '../program/paging.js';

const STATES = {
  maintenance: ConditionState.MAINTENANCE,
  quarantined: ConditionState.QUARANTINED,
  offline: ConditionState.OFFLINE,
} as const;

interface OnFlags {
  readonly reason: string;
  readonly until?: Date;
  readonly state: keyof typeof STATES;
}

const EXAMPLES = `
A bench that is held goes out of service when its holder is done. Nothing comes back by itself: --until is for people.

Examples:
  berth maintenance on resource1 --reason 'new relay' --until 2h
  berth maintenance on resource2 --state quarantined --reason 'fails every third boot'
  berth maintenance off resource1
  berth maintenance ls`;

/** `berth maintenance`: takes benches out of service and back. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  command
    .command('on <bench...>')
    .description('take benches out of service')
    .requiredOption('--reason <text>', 'why; everybody who asks for the bench is told')
    .option(
      '--until <when>',
      'when it is expected to end: a span such as 2h, or a date such as 2031-05-09T12:00',
      parseUntil,
    )
    .addOption(new Option('--state <state>', 'how far').choices(Object.keys(STATES)).default('maintenance'))
    .action((names: string[], { reason, until, state }: OnFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        for (const name of names) {
          const condition = { state: STATES[state], reason, ...(until && { until }) };
          const { bench } = await berth.inventory.setCondition({ name, condition });
          if (bench) await out.one(benchView(bench), outOfService(bench, state), bench.name);
        }
      }),
    );
  command
    .command('off <bench...>')
    .description('put benches back into service')
    .action((names: string[], _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        for (const name of names) {
          const { bench } = await berth.inventory.setCondition({ name, condition: { state: ConditionState.READY } });
          if (bench) await out.one(benchView(bench), `${bench.name} is ready`, bench.name);
        }
      }),
    );
  command
    .command('ls')
    .description('list benches that are out of service')
    .action((_flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        await out.list(await allBenches(berth, { conditions: Object.values(STATES) }), {
          columns: columns(new Date()),
          view: benchView,
          id: ({ name }) => name,
          empty: 'every bench is in service',
        });
      }),
    );
}

function outOfService(bench: Bench, state: string): string {
  const waits = bench.leaseId === '' ? '' : `; ${bench.holder} holds it and finishes first`;
  return `${bench.name} is in state ${state}${waits}`;
}

function columns(now: Date): Column<Bench>[] {
  return [
    { title: 'BENCH', text: ({ name }) => name },
    { title: 'STATE', text: ({ condition }) => stateName(condition?.state) },
    { title: 'WHY', text: ({ condition }) => condition?.reason ?? '' },
    { title: 'WHO', text: ({ condition }) => condition?.actor?.name ?? '' },
    { title: 'SINCE', text: ({ condition }) => sinceText(condition?.since, now) },
    { title: 'UNTIL', text: ({ condition }) => untilText(condition?.until, now) },
    { title: 'HELD BY', text: ({ holder }) => holder },
  ];
}
