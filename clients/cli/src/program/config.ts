import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from './usage-error.js';

const KEYS = ['address', 'user', 'role', 'token', 'lab', 'output'] as const;
const FORMATS = ['table', 'json', 'yaml', 'csv'] as const;

type Key = (typeof KEYS)[number];

/** How results are written. */
export type Format = (typeof FORMATS)[number];

/** Where the server is, who calls, and how results are written. What nobody said is absent. */
export interface Config {
  readonly address: string;
  readonly user?: string;
  readonly role?: string;
  readonly token?: string;
  readonly lab?: string;
  readonly output: Format;
  readonly quiet: boolean;
  /** Where the address came from, for messages. */
  readonly addressFrom: string;
}

/** The flags that every command takes. */
export type GlobalFlags = Partial<Record<Key, string>> & { readonly quiet?: boolean; readonly config?: string };

/** The settings' sources; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
}

/**
 * Each setting from the first that says it: flag, `BERTH_*`, `./berth.yaml` (or `--config`), `~/.config/berth/config.yaml`,
 * built-in. Throws `UsageError` for an unknown key or format, naming the file.
 */
export async function loadConfig(flags: GlobalFlags, from: Surroundings = surroundings()): Promise<Config> {
  const files = await Promise.all(configFiles(flags.config, from).map(readConfigFile));
  function find(key: Key): { value: string; from: string } | undefined {
    const flag = flags[key];
    if (flag !== undefined) return { value: flag, from: `--${key}` };
    const variable = `BERTH_${key.toUpperCase()}`;
    const env = from.env[variable];
    if (env) return { value: env, from: variable };
    for (const file of files) {
      const value = file.values[key];
      if (value !== undefined) return { value, from: file.path };
    }
    return undefined;
  }
  const address = find('address') ?? { value: '127.0.0.1:7070', from: 'the built-in default' };
  const output = find('output') ?? { value: 'table', from: '' };
  if (!isFormat(output.value)) {
    throw new UsageError(`${output.from} says output "${output.value}"`, `use one of ${FORMATS.join(', ')}`);
  }
  const named = Object.fromEntries(
    (['user', 'role', 'token', 'lab'] as const).flatMap((key) => {
      const found = find(key);
      return found ? [[key, found.value]] : [];
    }),
  );
  const quiet = flags.quiet ?? false;
  return { ...named, address: address.value, addressFrom: address.from, output: output.value, quiet };
}

function surroundings(): Surroundings {
  return { env: process.env, cwd: process.cwd(), home: homedir() };
}

function configFiles(named: string | undefined, { env, cwd, home }: Surroundings): string[] {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (!existsSync(path)) throw new UsageError(`there is no configuration file ${path}`, 'check --config');
    return [path];
  }
  const personal = env['XDG_CONFIG_HOME'] ?? join(home, '.config');
  return [join(cwd, 'berth.yaml'), join(personal, 'berth/config.yaml')].filter((path) => existsSync(path));
}

async function readConfigFile(path: string): Promise<{ path: string; values: Partial<Record<Key, string>> }> {
  // Most people have no file, and then the parser need not be loaded.
  const { parse } = await import('../output/yaml.js');
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${path} must hold keys and values, such as "address: 127.0.0.1:7070"`);
  }
  const values: Partial<Record<Key, string>> = {};
  for (const [key, value] of Object.entries(content)) {
    if (!isKey(key)) throw new UsageError(`${path} has an unknown key "${key}"`, `known keys: ${KEYS.join(', ')}`);
    if (typeof value !== 'string') throw new UsageError(`${path}: ${key} must be a text`);
    values[key] = value;
  }
  return { path, values };
}

function isKey(key: string): key is Key {
  return (KEYS as readonly string[]).includes(key);
}

function isFormat(value: string): value is Format {
  return (FORMATS as readonly string[]).includes(value);
}
