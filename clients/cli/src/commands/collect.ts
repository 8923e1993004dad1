import { type Berth, CollectAction, type CollectionPlan, type ItemOutcome, type PlanItem } from '@berth/client';
import { type Column, enumWords, RULE_NAMES, ruleName, type RuleName, RULES } from '@berth/views';
import { type Command, Option } from 'commander';
import { type Context, perform } from '../program/context.js';
import { EXIT } from '../program/exit-code.js';
import { parseList, parseSome, parseWhole } from '../program/options.js';

const HELP = `
Nothing is deleted by surprise: without --apply a plan is made and stored, and nothing else happens. Applying it touches only
what it lists and what has not changed since. Each step is a cycle: mark, notify the owner, delete once it is due.

Examples:
  berth collect --plan
  berth collect --plan --rule L1 --kind vm --max 3
  berth collect --apply cp-7k2m4x9d3hq0v8wz`;

const APPLY_MS = 3_600_000;

interface Flags {
  readonly apply?: string;
  readonly rule?: RuleName[];
  readonly kind?: string[];
  readonly max?: number;
}

/** `berth collect`: plans what to do about leaks, and does what was planned. */
export function define(command: Command): void {
  command
    .addOption(
      new Option('--plan', 'say what would be done, and store it (this is also the default)').conflicts('apply'),
    )
    .addOption(new Option('--apply <plan>', 'do what this plan lists').conflicts(['rule', 'kind', 'max']))
    .option('--rule <rules>', 'only for leaks by these rules: L1 … L7', parseSome(RULE_NAMES))
    .option('--kind <kinds>', 'only of these kinds', parseList)
    .option('--max <n>', 'at most so many deletions (default: the configured cap)', parseWhole)
    .addHelpText('after', HELP)
    .action((flags: Flags, self: Command) =>
      perform(self, (context) => (flags.apply === undefined ? plan(context, flags) : apply(context, flags.apply))),
    );
}

async function plan({ berth, out }: Context, { rule, kind, max }: Flags): Promise<void> {
  const request: Parameters<Berth['allocations']['planCollection']>[0] = {
    ...(rule && { rules: rule.map((name) => RULES[name]) }),
    ...(kind && { kinds: kind }),
    ...(max !== undefined && { maxDeletions: max }),
  };
  const { plan: made } = await berth.allocations.planCollection(request);
  if (!made) return;
  if (out.config.output !== 'table' || out.config.quiet) {
    await out.one(planView(made), '', made.id);
    return;
  }
  await out.list(made.items, {
    columns: ITEMS,
    view: itemView,
    id: ({ allocationId }) => allocationId,
    empty: 'there is nothing to do',
  });
  const reasons = new Map<string, number>();
  for (const { reason } of made.leftOut) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size > 0)
    out.note(`left out: ${[...reasons].map(([reason, count]) => `${String(count)} ${reason}`).join(', ')}`);
  if (made.items.length > 0) out.note(`nothing was done; to do it: berth collect --apply ${made.id}`);
}

async function apply({ berth, out }: Context, planId: string): Promise<number> {
  // The commands that delete take their time, and the server goes through the whole plan before it answers.
  const { outcomes } = await berth.allocations.applyPlan({ planId }, { timeoutMs: APPLY_MS });
  await out.list(outcomes, {
    columns: OUTCOMES,
    view: outcomeView,
    id: ({ allocationId }) => allocationId,
    empty: 'there was nothing to do',
  });
  return outcomes.some(({ outcome }) => outcome === 'FAILED') ? EXIT.FAILED : EXIT.OK;
}

const ITEMS: readonly Column<PlanItem>[] = [
  { title: 'ACTION', text: ({ action }) => enumWords(CollectAction, action) },
  { title: 'ALLOCATION', text: ({ allocationId }) => allocationId },
  { title: 'RULE', text: ({ rule }) => ruleName(rule) },
  { title: 'KIND', text: ({ kind }) => kind },
  { title: 'OWNER', text: ({ owner }) => owner },
  { title: 'NAME', text: ({ externalId }) => externalId },
];

const OUTCOMES: readonly Column<ItemOutcome>[] = [
  { title: 'ACTION', text: ({ action }) => enumWords(CollectAction, action) },
  { title: 'ALLOCATION', text: ({ allocationId }) => allocationId },
  { title: 'OUTCOME', text: ({ outcome }) => outcome },
  { title: 'WHY', text: ({ message }) => message },
];

function planView({ id, items, leftOut, createTime, actor, applyTime }: CollectionPlan) {
  return { id, items: items.map(itemView), leftOut, createTime, by: actor?.name, applyTime };
}

function itemView({ allocationId, etag, action, rule, owner, kind, externalId }: PlanItem) {
  return { allocationId, action: CollectAction[action], rule: ruleName(rule), kind, owner, externalId, etag };
}

function outcomeView({ allocationId, action, outcome, message }: ItemOutcome) {
  return { allocationId, action: CollectAction[action], outcome, message: message || undefined };
}
