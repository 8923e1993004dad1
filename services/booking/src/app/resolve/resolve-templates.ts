import type { Part, Template } from '../../domain/index.js';
import { resolveTemplate } from '../../domain/index.js';
import type { Amounts } from '../../domain/timeline/rows.js';
import type { BookingContext } from '../booking-context.js';
import type { PartInput } from '../inputs.js';
import { DEFAULT_ROOT } from '../roots/roots.js';

export interface TemplateWish {
  readonly name: string;
  /** 0 = the newest that is not hidden. */
  readonly version: number;
  /** The field that names it. */
  readonly path: string;
}

/** The templates that are asked for, in order; those of all clusters lie in the ledger of the default root. NO_SUCH_TEMPLATE. */
export async function templatesOf(
  { roots }: BookingContext,
  wishes: readonly TemplateWish[],
): Promise<readonly Template[]> {
  if (wishes.length === 0) return [];
  const replica = await roots.of(DEFAULT_ROOT);
  return replica.read((state) => wishes.map(({ name, version, path }) => resolveTemplate(state, name, version, path)));
}

/** The parts of a cluster with what they take. */
export async function partsOf(
  context: BookingContext,
  parts: readonly PartInput[],
  path: string,
): Promise<readonly Part[]> {
  const wishes = parts.map(({ template: name, version }, at) => ({
    name,
    version,
    path: `${path}[${String(at)}].template`,
  }));
  const templates = await templatesOf(context, wishes);
  return parts.flatMap(({ role, template, count }, at) => {
    const found = templates[at];
    if (found === undefined) return [];
    return [{ role, template, templateVersion: found.version, count, amounts: times(found.amounts, count) }];
  });
}

function times(amounts: Amounts, count: number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * count]));
}
