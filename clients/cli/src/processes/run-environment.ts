import type { Bench, Lease } from '@berth/client';
import { benchView } from '@berth/views';
import { VARIABLES } from '../program/config.js';

/** What a command that runs with a lease finds in its environment. */
export interface RunEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Benches that are too large for a BERTH_BENCH_JSON, by the variable that is to name a file with it: BERTH_BENCH_FILE. */
  readonly files: Readonly<Record<string, string>>;
  /** Properties that have no variable because of its name: Berth uses it, or another property has it too. */
  readonly shadowed: readonly string[];
  /** For people: what has no variable, why, and where it stands. */
  readonly notes: readonly string[];
}

/** A property and the variable that it would have. */
interface Property {
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly index: number;
}

/**
 * Settings of the CLI and the client: a property of this name would redirect a `berth` that the command itself calls.
 */
const SETTINGS = VARIABLES;
/** The names of all the others: a `berth` within the command takes them away before it sets its own. */
const LIST = 'BERTH_VARIABLES';

/** The longest description in a variable: Linux takes 128 KiB of one string, and programs copy their environment. */
const MOST_OF_DESCRIPTION = 32 * 1024;
/** The most bytes of all variables together, their names twice (as they are in the list): a system may take 1 MiB of all. */
const MOST_OF_ALL = 192 * 1024;

/**
 * The variables for a lease: BERTH_BENCH (the first bench), BERTH_BENCHES (all, with commas), BERTH_LEASE_ID,
 * BERTH_FENCING_TOKEN, BERTH_BENCH_JSON (the first bench; BERTH_2_BENCH_JSON the second), one for each property
 * (BERTH_DUT_SOCKET for `socket` of entity `dut`, BERTH_X for the bench's own `x`, BERTH_2_DUT_SOCKET for the second bench),
 * and BERTH_VARIABLES, the names of all of them. Names are put in capitals, and what is no letter or digit becomes `_`.
 */
export function runEnvironment(lease: Pick<Lease, 'id' | 'fencingToken' | 'benches'>): RunEnvironment {
  const { benches } = lease;
  const variables: Record<string, string> = {
    BERTH_BENCH: benches[0]?.name ?? '',
    BERTH_BENCHES: benches.map(({ name }) => name).join(','),
    BERTH_LEASE_ID: lease.id,
    BERTH_FENCING_TOKEN: String(lease.fencingToken),
  };
  benches.forEach((bench, i) => (variables[`${prefixOf(i)}BENCH`] = bench.name));
  let left = Object.entries(variables).reduce((rest, [name, value]) => rest - sizeOf(name, value), MOST_OF_ALL);
  function set(name: string, value: string, most = Infinity): boolean {
    const size = sizeOf(name, value);
    // A NUL can be in what was stored before it was refused.
    if (size > Math.min(left, most) || value.includes('\0')) return false;
    left -= size;
    variables[name] = value;
    return true;
  }
  const files: Record<string, string> = {};
  benches.forEach((bench, i) => {
    const json = JSON.stringify(benchView(bench));
    const prefix = `${prefixOf(i)}BENCH_`;
    if (!set(`${prefix}JSON`, json, MOST_OF_DESCRIPTION)) files[`${prefix}FILE`] = json;
  });
  const { named, shadowed, collisions } = sortProperties(benches);
  const unset = named.filter(({ name, value }) => !set(name, value));
  const notes = [...shadowNotes(shadowed, collisions), ...sizeNotes(unset)];
  variables[LIST] = [...Object.keys(variables), ...Object.keys(files), LIST].join(' ');
  return { variables, files, notes, shadowed: [...shadowed, ...collisions.flat()].map(({ path }) => path) };
}

/** The variables of an outer `berth run` or `berth acquire --env`: its lease is not that of a command that runs in it. */
export function outerVariables(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const names = env[LIST]?.split(' ') ?? [];
  return names.filter((name) => /^BERTH_[A-Z0-9_]+$/.test(name) && !SETTINGS.includes(name));
}

/** Properties with a variable of their own, those whose name Berth uses, and those that would share one, by its name. */
function sortProperties(benches: readonly Bench[]) {
  const byName = new Map<string, Property[]>();
  benches.forEach((bench, index) => {
    for (const [path, value] of propertiesOf(bench)) {
      const name = `${prefixOf(index)}${path.map(variablePart).join('_')}`;
      byName.set(name, [...(byName.get(name) ?? []), { path: path.join('.'), name, value, index }]);
    }
  });
  const all = [...byName.values()];
  const free = all.map((properties) => properties.filter((property) => !isReserved(property, benches.length)));
  return {
    shadowed: all.flat().filter((property) => isReserved(property, benches.length)),
    collisions: free.filter(({ length }) => length > 1),
    named: free.filter(({ length }) => length === 1).flat(),
  };
}

function isReserved({ name, index }: Property, count: number): boolean {
  if (SETTINGS.includes(name) || ['BERTH_BENCHES', 'BERTH_LEASE_ID', 'BERTH_FENCING_TOKEN', LIST].includes(name))
    return true;
  // BERTH_2_… is for the second bench, also where there is none.
  if (index === 0 && /^BERTH_\d+_/.test(name)) return true;
  return Array.from({ length: count }, (_, i) => `${prefixOf(i)}BENCH`).some((own) =>
    [own, `${own}_JSON`, `${own}_FILE`].includes(name),
  );
}

function shadowNotes(shadowed: readonly Property[], collisions: readonly (readonly Property[])[]): string[] {
  const see = (properties: readonly Property[]): string => `see ${prefixOf(properties[0]?.index ?? 0)}BENCH_JSON`;
  const paths = (properties: readonly Property[]): string => properties.map(({ path }) => path).join(', ');
  return [
    ...(shadowed.length > 0
      ? [`${paths(shadowed)} has no variable of its own, as Berth uses its name; ${see(shadowed)}`]
      : []),
    ...collisions.map(
      (properties) =>
        `${paths(properties)} have no variable of their own, as each would be ${properties[0]?.name ?? ''}; ${see(properties)}`,
    ),
  ];
}

function sizeNotes(unset: readonly Property[]): string[] {
  const shown = unset.slice(0, 5).map(({ name }) => name);
  const more = unset.length > shown.length ? ` and ${String(unset.length - shown.length)} more` : '';
  return unset.length > 0
    ? [
        `${shown.join(', ')}${more} are not set, as the properties are too large; see BERTH_BENCH_JSON or BERTH_BENCH_FILE`,
      ]
    : [];
}

function sizeOf(name: string, value: string): number {
  return 2 * name.length + Buffer.byteLength(value) + 2;
}

function prefixOf(index: number): string {
  return index === 0 ? 'BERTH_' : `BERTH_${String(index + 1)}_`;
}

function propertiesOf(bench: Bench): [path: string[], value: string][] {
  return [
    ...Object.entries(bench.properties).map(([key, value]): [string[], string] => [[key], value]),
    ...Object.entries(bench.entities).flatMap(([name, { properties }]) =>
      Object.entries(properties).map(([key, value]): [string[], string] => [[name, key], value]),
    ),
  ];
}

function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
