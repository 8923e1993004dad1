import type { FieldFilter } from '@berth/client';
import type { Faults } from '@berth/server';
import { filterField } from './meta-fields.js';
import { type Comparison, parseComparisons } from './where-python.js';

const HELP =
  'write {"field": value}, with {"$in": […]}, {"$gte": …}, {"$lt": …} or {"$regex": "^text"} in place of a value, ' +
  'or field=="value" and other=="value"';
const LITERAL = /^\^((?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])*)$/;

/** What is asked of one field, collected until all of `where` is read. */
interface Asked {
  readonly filters: FieldFilter[];
  from?: unknown;
  until?: unknown;
}

/**
 * The filters that `where` stands for, in MongoDB's syntax or Python's, as Eve reads both. What records cannot be asked is
 * a fault that says what can be.
 */
export function parseWhere(text: string, faults: Faults): FieldFilter[] {
  if (text.trim() === '') return [];
  const asked = new Map<string, Asked>();
  if (text.trimStart().startsWith('{')) readMongo(text, asked, faults);
  else readPython(text, asked, faults);
  return [...asked].flatMap(([field, { filters, from, until }]) =>
    from === undefined && until === undefined
      ? filters
      : [...filters, { field, condition: { $case: 'range', value: { from, until } } }],
  );
}

function readMongo(text: string, asked: Map<string, Asked>, faults: Faults): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    faults.add('where', `is no JSON; ${HELP}`);
    return;
  }
  readObject(value, asked, faults);
}

function readObject(value: unknown, asked: Map<string, Asked>, faults: Faults): void {
  if (!isObject(value)) {
    faults.add('where', `has ${JSON.stringify(value)} where an object is expected; ${HELP}`);
    return;
  }
  for (const [name, condition] of Object.entries(value)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const part of condition) readObject(part, asked, faults);
    } else if (name.startsWith('$')) {
      faults.add('where', `has ${name}, which records cannot be asked; ${HELP}`);
    } else {
      readCondition(name, condition, asked, faults);
    }
  }
}

function readCondition(name: string, condition: unknown, asked: Map<string, Asked>, faults: Faults): void {
  const field = filterField(name, faults);
  if (field === undefined) return;
  if (!isObject(condition)) {
    ask(field, { operator: '$eq', operand: condition }, asked, faults);
    return;
  }
  for (const [operator, operand] of Object.entries(condition)) ask(field, { operator, operand }, asked, faults);
}

function readPython(text: string, asked: Map<string, Asked>, faults: Faults): void {
  const comparisons = parseComparisons(text);
  if (comparisons === undefined) {
    faults.add('where', `cannot be read; ${HELP}`);
    return;
  }
  for (const { name, operator, operand } of comparisons) {
    const field = filterField(name, faults);
    if (field !== undefined) ask(field, { operator, operand }, asked, faults);
  }
}

function ask(
  field: string,
  { operator, operand }: Omit<Comparison, 'name'>,
  asked: Map<string, Asked>,
  faults: Faults,
): void {
  const of = asked.get(field) ?? { filters: [] };
  asked.set(field, of);
  switch (operator) {
    case '$eq':
      of.filters.push({ field, condition: { $case: 'equals', value: operand } });
      return;
    case '$gte':
      of.from = operand;
      return;
    case '$lt':
      of.until = operand;
      return;
    case '$in':
      if (!Array.isArray(operand)) faults.add('where', `has $in of ${field} without a list of values`);
      else of.filters.push({ field, condition: { $case: 'oneOf', value: operand as unknown[] } });
      return;
    case '$regex': {
      const prefix = typeof operand === 'string' ? LITERAL.exec(operand)?.[1] : undefined;
      if (prefix === undefined)
        faults.add('where', `has a $regex of ${field} that is more than a beginning: write "^text", without wildcards`);
      else of.filters.push({ field, condition: { $case: 'prefix', value: prefix.replace(/\\(.)/g, '$1') } });
      return;
    }
    default:
      faults.add('where', `has ${operator} of ${field}, which records cannot be asked; ${HELP}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
