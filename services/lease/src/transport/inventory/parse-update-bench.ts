import { Bench } from '@berth/proto/berth/lease/v1/bench';
import type { UpdateBenchRequest } from '@berth/proto/berth/lease/v1/inventory_service';
import type { Caller } from '@berth/server';
import { nameFault, parseRequest, parseUpdateMask, sizeFault } from '@berth/server';
import type { Announced, Bench as DomainBench, BenchSpec } from '../../domain/index.js';
import { BerthError, invalidField } from '@berth/kernel';
import { parseBenchParts } from './parse-bench.js';
import { benchSizeFault } from '../text-rules.js';

const PATHS = ['location', 'attributes', 'entities', 'properties', 'labels', 'affinity', 'recycle'] as const;
type Path = (typeof PATHS)[number];

export interface BenchUpdate {
  readonly name: string;
  readonly etag: string;
  /** The description with the named fields changed. */
  readonly change: (spec: BenchSpec) => BenchSpec;
  /** The named fields with their new values. */
  readonly changes: Partial<BenchSpec>;
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
  return { name: bench.name, etag: bench.etag, change, changes };
}

/** Parts of a bench that a service on it may announce. */
const ANNOUNCED = ['properties', 'labels'] as const;
/** So that a lease of 16 benches is told whole also with what is laid over them. */
const MAX_ANNOUNCED_BYTES = 16 * 1024;

/** Which parts of what may be announced an update names: its caller says what they are. */
export function settledParts(changes: Partial<BenchSpec>): readonly (keyof Announced)[] {
  return ANNOUNCED.filter((part) => changes[part] !== undefined);
}

/**
 * What a caller that is limited to benches announces. Throws PERMISSION_DENIED when it changes more than properties and
 * labels.
 */
export function announcementOf(
  changes: Partial<BenchSpec>,
  caller: Caller,
): (bench: DomainBench) => Partial<Announced> {
  const others = Object.keys(changes).filter((part) => !(ANNOUNCED as readonly string[]).includes(part));
  if (others.length > 0) {
    throw new BerthError(
      'PERMISSION_DENIED',
      `${caller.name} may not change ${others.join(', ')}: a token that is limited to benches changes their properties and labels. Leave the rest out, or ask an operator.`,
      { metadata: { fields: others.join(',') } },
    );
  }
  const said = Object.fromEntries(settledParts(changes).map((part) => [part, changes[part]])) as Partial<Announced>;
  return ({ announced }) => {
    const fault = sizeFault({ ...announced, ...said }, MAX_ANNOUNCED_BYTES);
    if (fault !== undefined) throw invalidField('bench', fault);
    return said;
  };
}

function isSet(value: BenchSpec[Path]): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return Object.keys(value).length > 0;
}
