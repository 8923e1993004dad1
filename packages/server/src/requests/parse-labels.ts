import type { Faults } from './faults.js';
import {
  labelValueFault,
  MAX_LABELS,
  MAX_PROPERTIES,
  nameFault,
  propertyValueFault,
  proseFault,
} from './text-rules.js';

type Texts = Readonly<Record<string, string>>;

/** Checks labels; in order of their keys. */
export function parseLabels(labels: Texts, field: string, faults: Faults): Texts {
  return parseTexts(labels, field, MAX_LABELS, labelValueFault, faults);
}

/** Checks properties; in order of their keys. */
export function parseProperties(properties: Texts, field: string, faults: Faults): Texts {
  return parseTexts(properties, field, MAX_PROPERTIES, propertyValueFault, faults);
}

/** Checks facts for people; in order of their keys. */
export function parseAttributes(attributes: Texts, field: string, faults: Faults): Texts {
  return parseTexts(attributes, field, MAX_LABELS, proseFault, faults);
}

function parseTexts(
  texts: Texts,
  field: string,
  most: number,
  valueFault: (text: string) => string | undefined,
  faults: Faults,
): Texts {
  const entries = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > most) faults.add(field, `has ${entries.length} entries; at most ${most} are allowed`);
  for (const [key, value] of entries.slice(0, most)) {
    const path = `${field}[${JSON.stringify(key)}]`;
    const bad = nameFault(key);
    if (bad !== undefined) faults.add(path, `the key ${bad}`);
    faults.check(path, valueFault(value));
  }
  return Object.fromEntries(entries);
}
