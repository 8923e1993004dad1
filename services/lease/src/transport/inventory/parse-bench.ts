import type {
  Attribute as AttributeMessage,
  Bench,
  Entity,
  Offer as OfferMessage,
} from '@berth/proto/berth/lease/v1/bench';
import { Recycle } from '@berth/proto/berth/lease/v1/bench';
import type { DurationLimits, Faults } from '@berth/server';
import {
  attributeNameFault,
  DAY_MS,
  lineFault,
  MAX_ATTRIBUTES,
  MAX_NAME,
  nameFault,
  parseDuration,
  parseLabels,
  parseProperties,
  proseFault,
  weightFault,
} from '@berth/server';
import type { Attribute, BenchSpec, EntitySpec, Offer } from '../../domain/index.js';
import { benchSizeFault, MAX_ENTITIES, MAX_LOCATION, offerSizeFault } from '../text-rules.js';

/** The benches that one inventory may have: all of them go into one append. */
export const MAX_INVENTORY = 5000;
const MAKE_TIME_LIMITS: DurationLimits = { minMs: 0, maxMs: 30 * DAY_MS };

/** A bench's description; output-only fields are not read. */
export function parseBenchSpec(bench: Bench, path: string, faults: Faults): BenchSpec {
  faults.check(`${path}.name`, nameFault(bench.name));
  return { name: bench.name, ...parseBenchParts(bench, path, faults) };
}

/** All of a bench's description but its name. */
export function parseBenchParts(bench: Bench, path: string, faults: Faults): Omit<BenchSpec, 'name'> {
  faults.check(`${path}.location`, lineFault(bench.location, MAX_LOCATION));
  faults.check(`${path}.affinity`, lineFault(bench.affinity, MAX_NAME));
  const parts = {
    location: bench.location,
    attributes: parseAttributes(bench.attributes, `${path}.attributes`, faults),
    entities: parseEntities(bench.entities, `${path}.entities`, faults),
    properties: parseProperties(bench.properties, `${path}.properties`, faults),
    labels: parseLabels(bench.labels, `${path}.labels`, faults),
    affinity: bench.affinity,
    ...parseRecycle(bench.recycle, `${path}.recycle`, faults),
  };
  faults.check(path, benchSizeFault(parts));
  return parts;
}

function parseRecycle(recycle: Recycle, field: string, faults: Faults): Pick<BenchSpec, 'recycle'> {
  if (recycle === Recycle.CLEAN) return { recycle: 'CLEAN' };
  if (recycle !== Recycle.UNSPECIFIED)
    faults.add(field, `is ${recycle}, which is no Recycle; allowed are UNSPECIFIED (0) and CLEAN (1)`);
  return {};
}

/** The benches of an inventory given as messages; their names must differ. */
export function parseBenchList(benches: readonly Bench[], path: string, faults: Faults): readonly BenchSpec[] {
  if (benches.length > MAX_INVENTORY) {
    faults.add(path, `has ${benches.length} benches; at most ${MAX_INVENTORY} are allowed in one call`);
    return [];
  }
  const first = new Map<string, number>();
  return benches.map((bench, i) => {
    const before = first.get(bench.name);
    if (before !== undefined)
      faults.add(`${path}[${i}].name`, `'${bench.name}' stands already in ${path}[${before}]; names must differ`);
    else first.set(bench.name, i);
    return parseBenchSpec(bench, `${path}[${i}]`, faults);
  });
}

/** Where a new bench comes from: the inventory, or a pool. */
export function parseOrigin(origin: string, field: string, faults: Faults): string {
  if (origin === '' || origin === 'inventory') return 'inventory';
  if (origin.startsWith('pool/') && nameFault(origin.slice('pool/'.length)) === undefined) return origin;
  faults.add(field, `is '${origin}'; allowed are 'inventory' (or nothing), and 'pool/' with the pool's name`);
  return 'inventory';
}

export function parseOffer(offer: OfferMessage, path: string, faults: Faults): Offer {
  const { pool, location, available, capacity, blockedReason, starting, concurrency, onDemand } = offer;
  faults.check(`${path}.pool`, nameFault(pool));
  faults.check(`${path}.location`, lineFault(location, MAX_LOCATION));
  faults.check(`${path}.blocked_reason`, proseFault(blockedReason));
  if (available < 0) faults.add(`${path}.available`, `is ${available}; it must not be negative (0 = none at present)`);
  if (capacity !== undefined && capacity < 0)
    faults.add(`${path}.capacity`, `is ${capacity}; it must not be negative (leave it out for any number)`);
  for (const [field, value] of Object.entries({ starting, concurrency })) {
    if (value < 0) faults.add(`${path}.${field}`, `is ${value}; it must not be negative`);
  }
  if (onDemand.length > MAX_ATTRIBUTES)
    faults.add(`${path}.on_demand`, `has ${onDemand.length} names; at most ${MAX_ATTRIBUTES} are allowed`);
  for (const [i, name] of onDemand.slice(0, MAX_ATTRIBUTES).entries()) {
    if (offer.attributes.some((attribute) => attribute.name === name)) continue;
    faults.add(`${path}.on_demand[${i}]`, `is '${name}'; the names of the offer's attributes are allowed`);
  }
  const makeTimeMs = parseDuration(offer.makeTime, `${path}.make_time`, MAKE_TIME_LIMITS, faults);
  for (const [name, entity] of Object.entries(offer.entities)) {
    if (Object.keys(entity.properties).length === 0) continue;
    faults.add(
      `${path}.entities[${JSON.stringify(name)}].properties`,
      'an offer has no properties; a bench made from it may have',
    );
  }
  const parsed = {
    pool,
    location,
    attributes: parseAttributes(offer.attributes, `${path}.attributes`, faults),
    entities: parseEntities(offer.entities, `${path}.entities`, faults),
    labels: parseLabels(offer.labels, `${path}.labels`, faults),
    available,
    ...(capacity !== undefined && { capacity }),
    ...(onDemand.length > 0 && { onDemand: [...onDemand] }),
    ...(starting > 0 && { starting }),
    ...(makeTimeMs !== undefined && { makeTimeMs }),
    ...(concurrency > 0 && { concurrency }),
    blockedReason,
    updatedMs: 0,
  };
  faults.check(path, offerSizeFault(parsed));
  return parsed;
}

function parseAttributes(attributes: readonly AttributeMessage[], path: string, faults: Faults): readonly Attribute[] {
  if (attributes.length > MAX_ATTRIBUTES) {
    faults.add(path, `has ${attributes.length} attributes; at most ${MAX_ATTRIBUTES} are allowed`);
    return [];
  }
  const names = new Set<string>();
  return attributes.map(({ name, weight }, i) => {
    faults.check(`${path}[${i}].name`, attributeNameFault(name));
    faults.check(`${path}[${i}].weight`, weightFault(weight));
    if (names.has(name)) faults.add(`${path}[${i}].name`, `'${name}' stands twice; give it once`);
    names.add(name);
    return { name, weight };
  });
}

function parseEntities(
  entities: Readonly<Record<string, Entity>>,
  path: string,
  faults: Faults,
): Readonly<Record<string, EntitySpec>> {
  const entries = Object.entries(entities).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MAX_ENTITIES) {
    faults.add(path, `has ${entries.length} entities; at most ${MAX_ENTITIES} are allowed`);
    return {};
  }
  const specs = entries.map(([name, entity]): [string, EntitySpec] => {
    const at = `${path}[${JSON.stringify(name)}]`;
    const bad = nameFault(name);
    if (bad !== undefined) faults.add(at, `the name ${bad}`);
    const attributes = parseAttributes(entity.attributes, `${at}.attributes`, faults);
    return [name, { attributes, properties: parseProperties(entity.properties, `${at}.properties`, faults) }];
  });
  return Object.fromEntries(specs);
}
