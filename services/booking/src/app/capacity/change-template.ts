import type { Template } from '../../domain/model/cluster.js';
import type { CreateTemplate, HideTemplate } from '../../domain/model/commands.js';
import { carryOut } from '../bookings/carry-out.js';
import type { BookingContext } from '../booking-context.js';
import type { Call } from '../inputs.js';
import { DEFAULT_ROOT } from '../roots/roots.js';
import { asked } from './change-cluster.js';

/** Makes a template, or a further version of one. */
export async function createTemplate(
  context: BookingContext,
  input: { readonly name: string; readonly amounts: Readonly<Record<string, number>>; readonly description: string },
  call: Call,
): Promise<Template> {
  const { name, amounts, description } = input;
  return changeTemplate(context, { kind: 'createTemplate', name, amounts, description, ...asked(call) }, call);
}

/** Hides a version of a template, or with version 0 all of them. */
export async function hideTemplate(
  context: BookingContext,
  { name, version }: { readonly name: string; readonly version: number },
  call: Call,
): Promise<Template> {
  const one = version === 0 ? {} : { version };
  return changeTemplate(context, { kind: 'hideTemplate', name, ...one, ...asked(call) }, call);
}

async function changeTemplate(
  context: BookingContext,
  command: CreateTemplate | HideTemplate,
  call: Call,
): Promise<Template> {
  const replica = await context.roots.of(DEFAULT_ROOT);
  const { done, seen } = await carryOut(
    context,
    replica,
    () => command,
    call,
    ({ templates }, { id }) =>
      (templates.get(command.name) ?? []).find(({ name, version }) => `${name}@${String(version)}` === id),
  );
  if (seen === undefined) throw new Error(`the template '${done.id}' is not there right after it was changed`);
  return seen;
}
