import * as z from 'zod';
import type { YamlPath } from '../yaml/yaml-reader.js';

/** A setting with a plain value, by its path in the configuration. */
export interface Setting {
  readonly path: readonly string[];
  readonly schema: z.core.$ZodType;
  /** Its variable: `lease.priorityPointMs` → BERTH_LEASE_PRIORITY_POINT_MS. */
  readonly variable: string;
}

/** All settings of a schema of nested objects. */
export function settingsOf(schema: z.core.$ZodType, path: readonly string[] = []): Setting[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape as Record<string, z.core.$ZodType>).flatMap(([key, value]) =>
      settingsOf(value, [...path, key]),
    );
  }
  return [{ path, schema, variable: variableOf(path) }];
}

/** The schema at a path, and undefined where there is none. */
export function schemaAt(schema: z.core.$ZodType, path: YamlPath): z.core.$ZodType | undefined {
  let found: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    const inner: z.core.$ZodType | undefined = found && unwrapped(found);
    if (inner instanceof z.ZodObject) found = (inner.shape as Record<string, z.core.$ZodType>)[key];
    else if (inner instanceof z.ZodRecord) found = inner.valueType;
    else found = inner instanceof z.ZodArray ? inner.element : undefined;
  }
  return found;
}

/** The keys that an object schema allows. */
export function keysOf(schema: z.core.$ZodType | undefined): string[] {
  const inner = schema && unwrapped(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** What `.describe` says of a setting. */
export function descriptionOf(schema: z.core.$ZodType | undefined): string | undefined {
  return schema instanceof z.ZodType ? schema.description : undefined;
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap();
  }
  return inner;
}

function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return ['BERTH', ...words].join('_');
}
