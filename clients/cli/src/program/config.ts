import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './usage-error.js';

const TEXTS = ['address', 'user', 'role', 'token', 'lab', 'output'] as const;
/** Those that are paths; one in a configuration file is relative to that file. */
const PATHS = ['tokenFile', 'ca', 'cert', 'key'] as const;
const KEYS = [...TEXTS, ...PATHS] as const;
const FORMATS = ['table', 'json', 'yaml', 'csv'] as const;

type Key = (typeof KEYS)[number];

/** How results are written. */
export type Format = (typeof FORMATS)[number];

/** Where the server is, who calls, and how results are written. What nobody said is absent. */
export interface Config {
  readonly address: string;
  readonly user?: string;
  readonly role?: string;
  /** A token, or the absolute path of the file that it is in; never both. */
  readonly token?: string;
  readonly tokenFile?: string;
  /** Absolute paths of PEM files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
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
  const sources = [flagSource(flags, from.cwd), variableSource(from), ...files];
  function find(key: Key): Found | undefined {
    return sources.map((source) => source(key)).find((found) => found !== undefined);
  }
  const address = find('address') ?? { value: '127.0.0.1:7070', from: 'the built-in default' };
  const output = find('output') ?? { value: 'table', from: '' };
  if (!isFormat(output.value)) {
    throw new UsageError(`${output.from} says output "${output.value}"`, `use one of ${FORMATS.join(', ')}`);
  }
  const named = Object.fromEntries(
    (['user', 'role', 'lab', 'ca', 'cert', 'key'] as const).flatMap((key) => {
      const found = find(key);
      return found ? [[key, found.value]] : [];
    }),
  );
  const quiet = flags.quiet ?? false;
  const token = tokenOf(sources);
  return { ...named, ...token, address: address.value, addressFrom: address.from, output: output.value, quiet };
}

/** A setting, and what said it. */
interface Found {
  readonly value: string;
  readonly from: string;
}

/** Something that says settings: the flags, the variables, a file. */
type Source = (key: Key) => Found | undefined;

/** The token, or its file, from the first that says one of the two; the token itself goes before its file. */
function tokenOf(sources: readonly Source[]): Pick<Config, 'token' | 'tokenFile'> {
  for (const source of sources) {
    const [token, file] = [source('token'), source('tokenFile')];
    if (token?.from === '--token' && file)
      throw new UsageError('--token and --token-file are given', 'give one of them');
    if (token) return { token: token.value };
    if (file) return { tokenFile: file.value };
  }
  return {};
}

function flagSource(flags: GlobalFlags, cwd: string): Source {
  return (key) => {
    const value = flags[key];
    return value === undefined ? undefined : { value: isPath(key) ? resolve(cwd, value) : value, from: flagOf(key) };
  };
}

function flagOf(key: Key): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function variableSource({ env, cwd }: Surroundings): Source {
  return (key) => {
    const from = variableOf(key);
    const value = env[from];
    return value ? { value: isPath(key) ? resolve(cwd, value) : value, from } : undefined;
  };
}

/** The variable of a setting: BERTH_TOKEN_FILE for `tokenFile`. */
function variableOf(key: Key): string {
  return `BERTH_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The variables of all settings. */
export const VARIABLES: readonly string[] = KEYS.map(variableOf);

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

async function readConfigFile(path: string): Promise<Source> {
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
    values[key] = isPath(key) ? resolve(dirname(path), value) : value;
  }
  return (key) => {
    const value = values[key];
    return value === undefined ? undefined : { value, from: path };
  };
}

function isPath(key: Key): boolean {
  return (PATHS as readonly string[]).includes(key);
}

function isKey(key: string): key is Key {
  return (KEYS as readonly string[]).includes(key);
}

function isFormat(value: string): value is Format {
  return (FORMATS as readonly string[]).includes(value);
}
