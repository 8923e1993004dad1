import { BerthError } from '@berth/kernel';
import type { Entry, Place, YamlFault, YamlReader } from '@berth/server';
import {
  attributeNameFault,
  labelValueFault,
  lineFault,
  MAX_ATTRIBUTES,
  MAX_LABELS,
  MAX_NAME,
  MAX_PROPERTIES,
  nameFault,
  propertyValueFault,
  quoted,
  readYamlText,
  weightFault,
} from '@berth/server';
import type { Attribute, BenchSpec, EntitySpec } from '../../domain/index.js';
import { MAX_INVENTORY } from '../inventory/parse-bench.js';
import { benchSizeFault, MAX_ENTITIES, MAX_LOCATION } from '../text-rules.js';

/** What an inventory file says. */
export interface Inventory {
  /** For people; not kept. */
  readonly name: string;
  readonly benches: readonly BenchSpec[];
}

const READING = {
  maxBytes: 900 * 1024,
  hints: { bytes: ': apply it in parts, without prune', documents: ' (write all of it under one pool:)' },
};
const NOTHING: Inventory = { name: '', benches: [] };
const MAX_TOLD = 20;
const BENCH_KEYS = ['attributes', 'location', 'entities', 'properties', 'labels', 'affinity', 'recycle'];
const SHAPE = 'pool:\n  resources:\n    bench1:\n      attributes: [a]';

/**
 * Parses an inventory file. Values of properties and labels may be numbers, true or false and are taken as they are written
 * (`port: 022` is "022"); everything else that is a text must be one. Anchors and aliases may be used.
 * Throws INVALID_INVENTORY with every fault: line, column, path, what is wrong, what is allowed.
 */
export function parseInventory(text: string): Inventory {
  const { value, faults } = readYamlText(text, READING, readFile);
  if (value === undefined) throw invalid(faults);
  return value;
}

function invalid(faults: readonly YamlFault[]): BerthError {
  const lines = faults.slice(0, MAX_TOLD).map((fault) => `${placeText(fault, fault.path)}${fault.what}`);
  if (faults.length > MAX_TOLD) lines.push(`and ${faults.length - MAX_TOLD} more`);
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  const message = `the inventory has ${count}, and nothing was changed:\n  ${lines.join('\n  ')}`;
  const fields = faults.map((fault) => ({
    field: fault.path === '' ? 'yaml' : fault.path,
    description: `${placeText(fault, '')}${fault.what}`,
  }));
  return new BerthError('INVALID_INVENTORY', message, { fields });
}

/** `line 7, column 9, pool.resources: `; nothing for a fault of the file as a whole. */
function placeText({ place }: YamlFault, path: string): string {
  return place === undefined ? '' : `line ${place.line}, column ${place.column}${path === '' ? '' : `, ${path}`}: `;
}

function readFile(reader: YamlReader, root: Place): Inventory {
  if (root.node === undefined) {
    reader.fault(root, `the file is empty; write at least\n${SHAPE}`);
    return NOTHING;
  }
  const [pool] = reader.map(root, "a mapping with the key 'pool'", ['pool']);
  if (pool === undefined) {
    if (reader.faults.length === 0) reader.fault(root, `'pool' is missing; the file has the shape\n${SHAPE}`);
    return NOTHING;
  }
  const entries = reader.map(pool.value, "a mapping with the keys 'name' and 'resources'", ['name', 'resources']);
  const name = entries.find(({ key }) => key === 'name');
  const resources = entries.find(({ key }) => key === 'resources');
  if (resources === undefined)
    reader.fault(pool.at, "'resources' is missing; write the benches under it ('resources: {}' for none)");
  return {
    name: name === undefined ? '' : reader.text(name.value, shortLine),
    benches: resources === undefined ? [] : readBenches(reader, resources),
  };
}

function readBenches(reader: YamlReader, { value, at }: Entry): readonly BenchSpec[] {
  const entries = reader.map(value, "a mapping of benches by name ('{}' for none)");
  if (entries.length > MAX_INVENTORY) {
    reader.fault(at, `has ${entries.length} benches; at most ${MAX_INVENTORY} are allowed in one file`);
  }
  return entries.slice(0, MAX_INVENTORY).map((entry) => readBench(reader, entry));
}

function readBench(reader: YamlReader, { key, at, value }: Entry): BenchSpec {
  checkKey(reader, at, key, "the bench's name");
  const fields = byKey(reader.map(value, "a mapping ('{}' for a bench with nothing but its name)", BENCH_KEYS));
  const location = fields.get('location');
  const affinity = fields.get('affinity');
  const recycle = fields.get('recycle');
  const bench = {
    name: key,
    location: location === undefined ? '' : reader.text(location, (text) => lineFault(text, MAX_LOCATION)),
    attributes: readAttributes(reader, fields.get('attributes')),
    entities: readEntities(reader, fields.get('entities')),
    properties: readTexts(reader, fields.get('properties'), MAX_PROPERTIES, propertyValueFault),
    labels: readTexts(reader, fields.get('labels'), MAX_LABELS, labelValueFault),
    affinity: affinity === undefined ? '' : reader.text(affinity, (text) => lineFault(text, MAX_NAME)),
    ...(recycle !== undefined && reader.text(recycle, recycleFault) === 'clean' && { recycle: 'CLEAN' as const }),
  };
  const size = benchSizeFault(bench);
  if (size !== undefined) reader.fault(at, size);
  return bench;
}

function recycleFault(text: string): string | undefined {
  return text === 'clean' ? undefined : `is ${quoted(text)}; write clean, or leave it out`;
}

function readEntities(reader: YamlReader, at: Place | undefined): Readonly<Record<string, EntitySpec>> {
  if (at === undefined) return {};
  const entries = reader.map(at, "a mapping of entities by name ('{}' for none)");
  if (entries.length > MAX_ENTITIES)
    reader.fault(at, `has ${entries.length} entities; at most ${MAX_ENTITIES} are allowed`);
  const entities = entries.map((entry): [string, EntitySpec] => {
    checkKey(reader, entry.at, entry.key, "the entity's name");
    const fields = byKey(reader.map(entry.value, 'a mapping (attributes, properties)', ['attributes', 'properties']));
    const properties = readTexts(reader, fields.get('properties'), MAX_PROPERTIES, propertyValueFault);
    return [entry.key, { attributes: readAttributes(reader, fields.get('attributes')), properties }];
  });
  return Object.fromEntries(entities);
}

function readAttributes(reader: YamlReader, at: Place | undefined): readonly Attribute[] {
  if (at === undefined) return [];
  const items = reader.list(at, 'a list such as [a, b]');
  if (items.length > MAX_ATTRIBUTES)
    reader.fault(at, `has ${items.length} attributes; at most ${MAX_ATTRIBUTES} are allowed`);
  const seen = new Set<string>();
  return items.slice(0, MAX_ATTRIBUTES).map((item) => {
    const attribute = readAttribute(reader, item);
    if (seen.has(attribute.name)) reader.fault(item, `attribute '${attribute.name}' stands twice; remove one`);
    if (attribute.name !== '') seen.add(attribute.name);
    return attribute;
  });
}

function readAttribute(reader: YamlReader, at: Place): Attribute {
  if (!reader.isMap(at)) return { name: reader.text(at, attributeNameFault), weight: 0 };
  const fields = byKey(reader.map(at, 'a mapping (name, weight)', ['name', 'weight']));
  const name = fields.get('name');
  const weight = fields.get('weight');
  if (name === undefined) reader.fault(at, "'name' is missing; write { name: a, weight: 1 }");
  return {
    name: name === undefined ? '' : reader.text(name, attributeNameFault),
    weight: weight === undefined ? 0 : reader.number(weight, weightFault),
  };
}

function readTexts(
  reader: YamlReader,
  at: Place | undefined,
  most: number,
  fault: (text: string) => string | undefined,
): Readonly<Record<string, string>> {
  if (at === undefined) return {};
  const entries = reader.map(at, "a mapping of texts ('{}' for none)");
  if (entries.length > most) reader.fault(at, `has ${entries.length} entries; at most ${most} are allowed`);
  const texts = entries.slice(0, most).map((entry): [string, string] => {
    checkKey(reader, entry.at, entry.key, 'the key');
    return [entry.key, reader.looseText(entry.value, fault)];
  });
  return Object.fromEntries(texts);
}

function checkKey(reader: YamlReader, at: Place, key: string, what: string): void {
  const wrong = nameFault(key);
  if (wrong !== undefined) reader.fault(at, `${what} ${wrong}`);
}

function byKey(entries: readonly Entry[]): ReadonlyMap<string, Place> {
  return new Map(entries.map(({ key, value }) => [key, value]));
}

function shortLine(text: string): string | undefined {
  return lineFault(text, MAX_LOCATION);
}
