import type { Scalar } from '../collection/collection.js';
import type { SqliteValue } from './driver/sqlite-database.js';

/** A value as a column keeps it. Booleans are blobs of one byte: they equal no number, and come after texts. */
export type ColumnValue = SqliteValue;

const FALSE = Buffer.from([0]);
const TRUE = Buffer.from([1]);

export function columnValue(value: Scalar | undefined): ColumnValue {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  return value;
}

/** The value in a column; undefined for a document that lacks the field. */
export function scalarOf(column: ColumnValue): Scalar | undefined {
  if (column === null) return undefined;
  return column instanceof Uint8Array ? column[0] === 1 : column;
}
