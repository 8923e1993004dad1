import type { Bench, Lease } from '@berth/client';
import { benchView } from './views.js';

/** What a command that runs with a lease finds in its environment. */
export interface RunEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Properties that have no variable because Berth's own has that name; they are in BERTH_BENCH_JSON. */
  readonly shadowed: readonly string[];
}

/**
 * Settings of the CLI and the client: a property of this name would redirect a `berth` that the command itself calls.
 */
const SETTINGS = ['ADDRESS', 'USER', 'ROLE', 'TOKEN', 'LAB', 'OUTPUT'];

/**
 * The variables for a lease: BERTH_BENCH (the first bench), BERTH_BENCHES (all, with commas), BERTH_LEASE_ID,
 * BERTH_FENCING_TOKEN, BERTH_BENCH_JSON (the first bench; BERTH_2_BENCH_JSON the second), and one for each property:
 * BERTH_DUT_SOCKET for `socket` of entity `dut`, BERTH_X for the bench's own `x`, BERTH_2_DUT_SOCKET for the second bench.
 * Names are put in capitals, and what is no letter or digit becomes `_`.
 */
export function runEnvironment(lease: Pick<Lease, 'id' | 'fencingToken' | 'benches'>): RunEnvironment {
  const own: Record<string, string> = {
    BERTH_BENCH: lease.benches[0]?.name ?? '',
    BERTH_BENCHES: lease.benches.map(({ name }) => name).join(','),
    BERTH_LEASE_ID: lease.id,
    BERTH_FENCING_TOKEN: String(lease.fencingToken),
  };
  lease.benches.forEach((bench, i) => {
    const prefix = prefixOf(i);
    own[`${prefix}BENCH`] = bench.name;
    own[`${prefix}BENCH_JSON`] = JSON.stringify(benchView(bench));
  });
  const reserved = new Set([...Object.keys(own), ...SETTINGS.map((name) => `BERTH_${name}`)]);
  const variables = { ...own };
  const shadowed: string[] = [];
  lease.benches.forEach((bench, i) => {
    for (const [path, value] of propertiesOf(bench)) {
      const name = `${prefixOf(i)}${path.map(variablePart).join('_')}`;
      if (reserved.has(name)) shadowed.push(path.join('.'));
      else variables[name] = value;
    }
  });
  return { variables, shadowed };
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
