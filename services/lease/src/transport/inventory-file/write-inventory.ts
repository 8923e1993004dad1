import { yamlText } from '@berth/server';
import { Document, visit } from 'yaml';
import type { Attribute, BenchSpec } from '../../domain/index.js';
import type { Inventory } from './inventory-yaml.js';

const WITHOUT_PROPERTIES =
  ' Without properties: only operators see them. Applying this file would remove those that are there.';

/**
 * Writes an inventory in the form that parseInventory takes: benches and keys in order of their names, attributes in their
 * own order, nothing for what is empty.
 */
export function writeInventory(inventory: Inventory, withProperties: boolean): string {
  const resources = Object.fromEntries(
    inventory.benches.map((bench) => [bench.name, benchValue(bench, withProperties)]),
  );
  const document = new Document(
    { pool: { name: inventory.name, resources: sorted(resources) } },
    {
      aliasDuplicateObjects: false,
      version: '1.2',
    },
  );
  // Lists of attributes read best on one line.
  visit(document, {
    Seq: (_, list) => {
      list.flow = true;
    },
  });
  if (!withProperties) document.commentBefore = WITHOUT_PROPERTIES;
  return yamlText(document, { lineWidth: 0, flowCollectionPadding: true });
}

function benchValue(bench: BenchSpec, withProperties: boolean): Record<string, unknown> {
  const entities = Object.entries(bench.entities).map(([name, { attributes, properties }]) => {
    const value = {
      attributes: attributeValues(attributes),
      ...(withProperties && { properties: sorted(properties) }),
    };
    return [name, withoutEmpty(value)] as const;
  });
  return withoutEmpty({
    attributes: attributeValues(bench.attributes),
    location: bench.location,
    affinity: bench.affinity,
    recycle: bench.recycle === 'CLEAN' ? 'clean' : '',
    labels: sorted(bench.labels),
    properties: sorted(withProperties ? bench.properties : {}),
    entities: sorted(Object.fromEntries(entities)),
  });
}

function attributeValues(attributes: readonly Attribute[]): readonly unknown[] {
  return attributes.map(({ name, weight }) => (weight === 0 ? name : { name, weight }));
}

/** In order of the keys; a Map, since an object puts keys such as "10" before all others. */
function sorted(record: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without empty texts, lists and mappings. */
function withoutEmpty(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled = Object.entries(record).filter(([, value]) => {
    if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
    return !(value instanceof Map) || value.size > 0;
  });
  return Object.fromEntries(filled);
}
