import type { FieldSchema, FieldType, Kind } from './kind.js';
import { isOrdered, MAX_ORDERED_FIELDS } from './kind.js';

/** How a field is indexed. */
export interface FieldLayout {
  readonly type: FieldType;
  readonly unique: boolean;
  /** Which of the indexes for values is its own; absent for lists. */
  readonly slot?: number;
  readonly uniqueAmong?: string;
  readonly ignoreCase?: boolean;
}

/**
 * How the fields of a kind's records are indexed. It outlives changes of the kind: a field that is removed keeps its place,
 * since records still have it, and one that comes is added. Records are written again only where the keys of a field change.
 */
export interface KindLayout {
  readonly fields: Readonly<Record<string, FieldLayout>>;
}

export interface LayoutFault {
  readonly field: string;
  readonly fault: string;
}

export const NO_LAYOUT: KindLayout = { fields: {} };

export interface NextLayout {
  readonly layout: KindLayout;
  /** Changes that records cannot follow. */
  readonly faults: readonly LayoutFault[];
  /** Whether fields have other keys now, so that records have to be written again. */
  readonly otherKeys: boolean;
}

/** The layout for a kind, after the one that its records were written with. */
export function nextLayout(kind: Kind, before: KindLayout): NextLayout {
  const faults: LayoutFault[] = [];
  const fields: Record<string, FieldLayout> = { ...before.fields };
  const taken = new Set(Object.values(fields).map(({ slot }) => slot));
  const free = Array.from({ length: MAX_ORDERED_FIELDS }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  for (const schema of kind.fields) {
    const old = before.fields[schema.name];
    if (old !== undefined) {
      const fault = changeFault(old, schema);
      if (fault !== undefined) faults.push({ field: schema.name, fault });
      fields[schema.name] = fieldLayout(schema, old.slot);
      continue;
    }
    const slot = isOrdered(schema) ? free.shift() : undefined;
    if (isOrdered(schema) && slot === undefined) {
      const fault = `is one field too many: a kind may have ${MAX_ORDERED_FIELDS} besides lists, counting removed ones`;
      faults.push({ field: schema.name, fault });
    }
    fields[schema.name] = fieldLayout(schema, slot);
  }
  const otherKeys = Object.entries(before.fields).some(([name, old]) => keyRule(old) !== keyRule(fields[name]));
  return { layout: { fields }, faults, otherKeys };
}

function fieldLayout({ type, unique, uniqueAmong, ignoreCase }: FieldSchema, slot: number | undefined): FieldLayout {
  return {
    type,
    unique,
    ...(slot !== undefined && { slot }),
    ...(uniqueAmong !== undefined && { uniqueAmong }),
    ...(ignoreCase === true && { ignoreCase }),
  };
}

function keyRule({ uniqueAmong = '', ignoreCase = false }: Partial<FieldLayout> = {}): string {
  return `${uniqueAmong} ${ignoreCase}`;
}

function changeFault(old: FieldLayout, now: FieldSchema): string | undefined {
  if (old.type !== now.type) {
    return `is ${now.type} now and was ${old.type}; while the kind has records a type stays: give the field a new name`;
  }
  if (old.unique !== now.unique) {
    const was = old.unique ? 'unique' : 'not unique';
    return `was ${was}; while the kind has records that stays: give the field a new name`;
  }
  return undefined;
}
