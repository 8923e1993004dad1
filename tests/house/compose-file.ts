import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYamlText } from '@berth/server';

const FILE = 'docker-compose.yml';

/** The part of a service of the compose file that tests look at. */
export interface ComposeService {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The services of docker-compose.yml by name, with what they take over from others. */
export function composeServices(): ReadonlyMap<string, ComposeService> {
  const text = readFileSync(join(import.meta.dirname, '../..', FILE), 'utf8');
  const { value, faults } = parseYamlText(text, FILE, { mergeKeys: true });
  if (faults.length > 0) throw new Error(faults.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  return new Map(Object.entries((value as { readonly services: Record<string, ComposeService> }).services));
}

/** The names that the step `init` puts into the certificate. */
export function certificateNames(): readonly string[] {
  const [, ...names] = composeServices().get('init')?.command ?? [];
  return names;
}
