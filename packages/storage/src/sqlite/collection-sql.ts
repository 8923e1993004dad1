import type { CollectionSpec, IndexSpec } from '../collection/collection.js';
import type { Condition } from '../collection/conditions.js';
import type { Phase } from '../collection/page-phases.js';
import { columnOf, elementsOf, tableOf } from './collection-schema.js';
import type { ColumnValue } from './column-values.js';
import { columnValue } from './column-values.js';

/** SQL with its parameters. The same shape of query gives the same text, so that statements can be kept. */
export interface Sql {
  readonly text: string;
  readonly parameters: readonly ColumnValue[];
}

/** Which rows: `FROM … WHERE …`. */
interface Source extends Sql {
  readonly column: (path: string) => string;
}

const COMPARISON = { from: '>=', after: '>', until: '<', upTo: '<=' } as const;
/** The first value of each type, so that a range with one bound stays within its type. */
const TYPE_START = { number: '-9e999', string: "''", boolean: "x''" } as const;
const TYPE_END = { number: "''", string: "x''", boolean: undefined } as const;

function rangeSql(column: string, bounds: (Condition & { kind: 'range' })['bounds']): Sql {
  const parts: string[] = [];
  const parameters: ColumnValue[] = [];
  for (const [bound, operator] of Object.entries(COMPARISON)) {
    const value = bounds[bound as keyof typeof COMPARISON];
    if (value === undefined) continue;
    parts.push(`${column} ${operator} ?`);
    parameters.push(columnValue(value));
  }
  const type = typeof (bounds.from ?? bounds.after ?? bounds.until ?? bounds.upTo) as keyof typeof TYPE_START;
  if (parts.length === 0) return { text: `${column} IS NOT NULL`, parameters };
  if (bounds.from === undefined && bounds.after === undefined) parts.push(`${column} >= ${TYPE_START[type]}`);
  const end = TYPE_END[type];
  if (bounds.until === undefined && bounds.upTo === undefined && end !== undefined) parts.push(`${column} < ${end}`);
  return { text: parts.join(' AND '), parameters };
}

/** As many places as the next power of two, so that few statements serve lists of any length. */
function inSql(column: string, values: readonly ColumnValue[]): Sql {
  if (values.length === 0) return { text: '0', parameters: [] };
  const places = 2 ** Math.ceil(Math.log2(values.length));
  const parameters = Array.from({ length: places }, (_, index) => values[Math.min(index, values.length - 1)] ?? null);
  return { text: `${column} IN (${parameters.map(() => '?').join(', ')})`, parameters };
}

function conditionSql(column: string, condition: Condition): Sql {
  switch (condition.kind) {
    case 'equal':
      return { text: `${column} = ?`, parameters: [columnValue(condition.value)] };
    case 'in':
      return inSql(column, condition.values.map(columnValue));
    case 'range':
      return rangeSql(column, condition.bounds);
    case 'missing':
      return { text: `${column} IS NULL`, parameters: [] };
    case 'present':
      return { text: `${column} IS NOT NULL`, parameters: [] };
  }
}

/** How well an index of elements serves the conditions: its leading fields that are fixed, then one that is compared. */
function score(index: IndexSpec, conditions: readonly Condition[]): number {
  let points = 0;
  for (const path of index.fields) {
    const condition = conditions.find((candidate) => candidate.path === path);
    if (condition?.kind !== 'equal') return condition === undefined ? points : points + 1;
    points += 2;
  }
  return points;
}

/** Builds the SQL of queries of one collection; `lists` are the fields that have tables of elements. */
export class CollectionSql {
  constructor(
    readonly spec: CollectionSpec,
    readonly lists: () => ReadonlySet<string>,
  ) {}

  page({ conditions, by }: Phase, field: string, descending: boolean, limit: number): Sql {
    const { text, parameters, column } = this.#source(conditions);
    const order = by === 'id' ? ['id'] : by === 'field' ? [field] : [field, 'id'];
    const direction = descending ? ' DESC' : '';
    const ordering = order.map((path) => `${column(path)}${direction}`).join(', ');
    return {
      text: `SELECT ${column('id')} AS id, ${column(field)} AS place, m.revision, m.value ${text} ORDER BY ${ordering} LIMIT ?`,
      parameters: [...parameters, limit],
    };
  }

  count(conditions: readonly Condition[]): Sql {
    const { text, parameters } = this.#source(conditions);
    return { text: `SELECT count(*) AS count ${text}`, parameters };
  }

  /**
   * A condition that fixes an element of a list leads the query by the index that fits best, whose rows are then in order:
   * a document has one row with that element. All other conditions on lists are looked up for each document.
   */
  #source(conditions: readonly Condition[]): Source {
    const lists = this.lists();
    const leading = conditions.find(({ kind, path }) => kind === 'equal' && lists.has(path));
    const index = leading === undefined ? undefined : this.#elementIndex(leading.path, conditions);
    const table = tableOf(this.spec);
    const from =
      index === undefined
        ? `FROM ${table} AS m`
        : `FROM ${elementsOf(this.spec, index)} AS e CROSS JOIN ${table} AS m ON m.id = e.id`;
    const inIndex = new Set(index === undefined ? [] : ['id', ...index.fields]);
    const column = (path: string): string => `${inIndex.has(path) ? 'e' : 'm'}.${columnOf(path)}`;
    const parts = conditions.map((condition) => {
      const direct = condition === leading || !lists.has(condition.path);
      return direct ? conditionSql(column(condition.path), condition) : this.#elementSql(condition);
    });
    const where = parts.map((part) => part.text).join(' AND ');
    return {
      text: where === '' ? from : `${from} WHERE ${where}`,
      parameters: parts.flatMap((part) => part.parameters),
      column,
    };
  }

  /** Documents one of whose elements meets a condition. */
  #elementSql(condition: Condition): Sql {
    const index = this.#elementIndex(condition.path, [condition]);
    const { text, parameters } = conditionSql(columnOf(condition.path), condition);
    return { text: `m.id IN (SELECT id FROM ${elementsOf(this.spec, index)} WHERE ${text})`, parameters };
  }

  #elementIndex(path: string, conditions: readonly Condition[]): IndexSpec {
    const having = this.spec.indexes.filter(({ fields }) => fields.includes(path));
    const [best] = having.sort((a, b) => score(b, conditions) - score(a, conditions));
    if (best === undefined) throw new TypeError(`no index of ${this.spec.name} has the field ${path}`);
    return best;
  }
}
