/** What stands in a name for each field of a pattern, as a regular expression. */
const FIELDS = { pool_name: undefined, id: String.raw`\d{8,}`, datetime: String.raw`\d{8}_\d{6}` } as const;

type Field = keyof typeof FIELDS;
type Part = { readonly text: string } | { readonly field: Field };

/** A resource whose name is to be made. */
export interface Named {
  readonly poolName: string;
  /** The resource's number. */
  readonly number: number;
  readonly nowMs: number;
}

/**
 * The fault of a pattern: braces that are not one of its fields, or no `{id}`, without which two resources could have one
 * name. Undefined when all is well.
 */
export function patternFault(pattern: string): string | undefined {
  const fields = Object.keys(FIELDS);
  for (const [braces] of pattern.matchAll(/\{[^{}]*\}?|\}/g)) {
    if (!fields.includes(braces.slice(1, -1)) || !braces.endsWith('}')) {
      return `has '${braces}'; the fields of a name are ${fields.map((field) => `{${field}}`).join(', ')}`;
    }
  }
  return pattern.includes('{id}') ? undefined : 'has no {id}; without it two resources could have the same name';
}

/** The name of a resource. `{id}` is its number with 8 digits, `{datetime}` the local time as YYYYMMDD_HHMMSS. */
export function makeName(pattern: string, { poolName, number, nowMs }: Named): string {
  const values = { pool_name: poolName, id: String(number).padStart(8, '0'), datetime: datetimeOf(nowMs) };
  return partsOf(pattern)
    .map((part) => ('text' in part ? part.text : values[part.field]))
    .join('');
}

/** Whether the pattern of a pool could have made a name. */
export function matchesPattern(pattern: string, poolName: string, name: string): boolean {
  return new RegExp(`^${expressionOf(partsOf(pattern), poolName)}$`).test(name);
}

/** What all names of a pool begin with: the pattern up to its first field that is not the pool's name. */
export function literalStart(pattern: string, poolName: string): string {
  let start = '';
  for (const part of partsOf(pattern)) {
    if ('field' in part && part.field !== 'pool_name') break;
    start += 'text' in part ? part.text : poolName;
  }
  return start;
}

function partsOf(pattern: string): readonly Part[] {
  return pattern
    .split(/(\{(?:pool_name|id|datetime)\})/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('{') && part.endsWith('}') ? { field: part.slice(1, -1) as Field } : { text: part },
    );
}

function expressionOf(parts: readonly Part[], poolName: string): string {
  return parts
    .map((part) => ('text' in part ? escaped(part.text) : (FIELDS[part.field] ?? escaped(poolName))))
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
}

function datetimeOf(nowMs: number): string {
  const now = new Date(nowMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = [now.getMonth() + 1, now.getDate()].map(two).join('');
  return `${now.getFullYear()}${date}_${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('')}`;
}
