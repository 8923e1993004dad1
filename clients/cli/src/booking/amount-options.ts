import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseWhole } from '../program/options.js';

/** Amounts that have a flag of their own. */
const USUAL = ['cores', 'memory', 'servers', 'disc', 'tempdisc', 'userdisc', 'datadisc'] as const;

type Amounts = Readonly<Record<string, number>>;

/** What `addAmountOptions` reads. */
export type AmountFlags = Partial<Record<(typeof USUAL)[number], number>> & { readonly amount?: Amounts };

/** Adds the flags that say how much. */
export function addAmountOptions(command: Command, what: string): Command {
  for (const name of USUAL) command.addOption(new Option(`--${name} <n>`, `${what}: ${name}`).argParser(parseAmount));
  return command.addOption(
    new Option('--amount <name=n>', `${what}: any other amount; repeatable`).argParser(parseAmountPair),
  );
}

/** The amounts that the flags say; empty when they say none. */
export function amountsOf(flags: AmountFlags): Record<string, number> {
  const usual = USUAL.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]] as const]));
  return { ...Object.fromEntries(usual), ...flags.amount };
}

function parseAmount(text: string): number {
  const value = parseWhole(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError(`"${text}" is below 0`);
}

/** Collects `name=number` of a flag that may be repeated. */
export function parseAmountPair(text: string, before: Amounts = {}): Amounts {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`"${text}" must be name=number, for example gpus=2`);
  return { ...before, [text.slice(0, at)]: parseAmount(text.slice(at + 1)) };
}

/** Amounts for people: `8 cores, 2 memory`. */
export function amountsText(amounts: Amounts): string {
  return Object.entries(amounts)
    .map(([name, value]) => `${String(value)} ${name}`)
    .join(', ');
}
