import { parse } from 'yaml';
import type { z } from 'zod';
import { readYamlFile } from '../yaml/yaml-file.js';
import type { YamlPath } from '../yaml/yaml-reader.js';
import { invalidConfig, schemaFaults } from './config-faults.js';
import { settingsOf } from './config-schema.js';

/** Where the values of a configuration come from; later ones win: defaults, file, environment, flags. */
export interface ConfigSources {
  /** A YAML file. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values by path, as given on the command line; undefined ones are left out. */
  readonly flags?: readonly ConfigFlag[];
}

export interface ConfigFlag {
  /** As typed: `--listen`. */
  readonly flag: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

type Tree = Record<string, unknown>;

/**
 * The configuration from all its sources, checked by the schema. Throws INVALID_CONFIG that names every fault with where it
 * is and what is allowed. Keys that the schema does not know are faults; BERTH_ variables that name no setting are not.
 */
export function loadConfig<S extends z.ZodType>(schema: S, sources: ConfigSources): z.output<S> {
  const file = sources.file === undefined ? undefined : readYamlFile(sources.file);
  if (file !== undefined && file.faults.length > 0) throw invalidConfig(file.faults);
  const tree = isTree(file?.value) ? file.value : {};
  if (file !== undefined && file.value !== null && !isTree(file.value)) {
    throw invalidConfig([{ where: file.locate([]), path: '', message: 'must be a mapping of settings to values' }]);
  }
  const origins = new Map<string, string>();
  for (const { path, schema: setting, variable } of settingsOf(schema)) {
    const text = sources.env?.[variable];
    if (text === undefined) continue;
    place(tree, path, readVariable(text, setting));
    origins.set(path.join('.'), variable);
  }
  for (const { flag, path, value } of sources.flags ?? []) {
    if (value === undefined) continue;
    place(tree, path, value);
    origins.set(path.join('.'), flag);
  }
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const locate = (path: YamlPath): string => origins.get(path.join('.')) ?? file?.locate(path) ?? 'configuration';
  throw invalidConfig(schemaFaults(schema, result.error, locate));
}

/** A variable's text as the setting wants it: itself where that fits, else as a YAML value (number, boolean, list). */
function readVariable(text: string, setting: z.core.$ZodType): unknown {
  if (isZod(setting) && setting.safeParse(text).success) return text;
  try {
    return parse(text) as unknown;
  } catch {
    return text;
  }
}

function place(tree: Tree, path: readonly string[], value: unknown): void {
  let branch = tree;
  for (const key of path.slice(0, -1)) {
    const next = branch[key];
    // A value where settings belong is a fault of the file: it stays, so that the schema reports it.
    if (next !== undefined && next !== null && !isTree(next)) return;
    const below: Tree = isTree(next) ? next : {};
    branch[key] = below;
    branch = below;
  }
  const last = path.at(-1);
  if (last !== undefined) branch[last] = value;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isZod(schema: z.core.$ZodType): schema is z.ZodType {
  return 'safeParse' in schema;
}
