import { Bench } from '@berth/proto/berth/lease/v1/bench';
import type { UpdateBenchRequest } from '@berth/proto/berth/lease/v1/inventory_service';
import { nameFault, parseRequest, parseUpdateMask } from '@berth/server';
import type { BenchSpec } from '../../domain/index.js';
import { invalidField } from '@berth/kernel';
import { parseBenchParts } from './parse-bench.js';
import { benchSizeFault } from '../text-rules.js';

const PATHS = ['location', 'attributes', 'entities', 'properties', 'labels', 'affinity', 'recycle'] as const;
type Path = (typeof PATHS)[number];

export interface BenchUpdate {
  readonly name: string;
  readonly etag: string;
  /** The description with the named fields changed. */
  readonly change: (spec: BenchSpec) => BenchSpec;
}

/** What an update changes. Without a mask: the fields that are set. Throws INVALID_FIELD with every fault. */
export function parseUpdateBench(request: UpdateBenchRequest): BenchUpdate {
  const bench = request.bench ?? Bench.create();
  const changes = parseRequest(request, (faults): Partial<BenchSpec> => {
    if (request.bench === undefined) faults.add('bench', 'is missing; give the bench by name, with the new values');
    else faults.check('bench.name', nameFault(bench.name));
    const parts = parseBenchParts(bench, 'bench', faults);
    if (request.bench === undefined) return {};
    const paths = parseUpdateMask(request.updateMask, PATHS, (path) => isSet(parts[path]), faults);
    return Object.fromEntries(paths.map((path) => [path, parts[path]]));
  });
  const change = (spec: BenchSpec): BenchSpec => {
    // What is to be as if it was never said is left out, as it is in a description that never said it.
    const said = Object.entries<unknown>({ ...spec, ...changes }).filter(([, value]) => value !== undefined);
    const changed = Object.fromEntries(said) as unknown as BenchSpec;
    // Each update may be small, and what they make together large.
    const fault = benchSizeFault(changed);
    if (fault !== undefined) throw invalidField('bench', fault);
    return changed;
  };
  return { name: bench.name, etag: bench.etag, change };
}

function isSet(value: BenchSpec[Path]): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return Object.keys(value).length > 0;
}
