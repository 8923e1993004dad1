import { didYouMean } from '@berth/kernel';
import type { Template } from '../model/cluster.js';
import type { CreateTemplate, HideTemplate } from '../model/commands.js';
import type { Done } from '../model/ledger.js';
import type { RootState } from '../state/root-state.js';
import type { Draft } from './draft.js';
import { readSomeAmounts } from './read-amounts.js';
import { noSuchTemplate } from './refusals.js';

/** Makes the next version of a template. */
export function planCreateTemplate(draft: Draft, { name, amounts, description, by }: CreateTemplate): Done {
  const version = (draft.state.templates.get(name)?.at(-1)?.version ?? 0) + 1;
  const read = readSomeAmounts(amounts, 'template.amounts');
  const made = { hidden: false, actor: by.actor.name, createdMs: draft.nowMs };
  draft.put({ kind: 'template', template: { name, version, amounts: read, description, ...made } });
  return { id: `${name}@${String(version)}`, bookings: [] };
}

/** Hides one version of a template, or all. What was made with it stays as it is. */
export function planHideTemplate(draft: Draft, { name, version }: HideTemplate): Done {
  const versions = versionsOf(draft.state, name, 'name');
  const meant = versions.filter((one) => version === undefined || one.version === version);
  if (meant.length === 0) throw noSuchVersion(name, version ?? 0, versions, 'version');
  for (const template of meant)
    if (!template.hidden) draft.put({ kind: 'template', template: { ...template, hidden: true } });
  return { id: `${name}@${String(meant.at(-1)?.version ?? 0)}`, bookings: [] };
}

/**
 * The version of a template to book; 0 = the newest that is not hidden. Throws NO_SUCH_TEMPLATE, which names the nearest, also
 * for a hidden version.
 */
export function resolveTemplate(state: RootState, name: string, version: number, path: string): Template {
  const versions = versionsOf(state, name, path);
  const shown = versions.filter(({ hidden }) => !hidden);
  const found = version === 0 ? shown.at(-1) : shown.find((one) => one.version === version);
  if (found === undefined) throw noSuchVersion(name, version, shown, path);
  return found;
}

function versionsOf(state: RootState, name: string, path: string): readonly Template[] {
  const versions = state.templates.get(name);
  if (versions !== undefined) return versions;
  const near = didYouMean(name, [...state.templates.keys()]);
  throw noSuchTemplate(name, path, `there is no template '${name}'${near}`);
}

function noSuchVersion(name: string, version: number, versions: readonly Template[], path: string) {
  const has = versions.length === 0 ? 'none' : versions.map((one) => String(one.version)).join(', ');
  const which = version === 0 ? 'no version that is not hidden' : `no version ${String(version)}`;
  return noSuchTemplate(name, path, `template '${name}' has ${which}; those to be had: ${has}.`);
}
