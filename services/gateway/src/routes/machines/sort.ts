import type { Faults } from '@berth/server';
import { orderField } from './meta-fields.js';

const SHORT = /^(?<sign>-?)(?<name>[A-Za-z_]\w*)$/;
/** `[("name", -1)]`, as Python writes it, or `[["name", -1]]`. */
const LIST = /^\[\s*(?:\(\s*|\[\s*)["'](?<name>[A-Za-z_]\w*)["']\s*,\s*(?<direction>-?1)\s*(?:\)|\])\s*,?\s*\]$/;

/** The order that `sort` asks for, as RecordService reads it; empty = by creation. */
export function parseSort(text: string, faults: Faults): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const { sign, name, direction } = SHORT.exec(trimmed)?.groups ?? LIST.exec(trimmed)?.groups ?? {};
  if (name === undefined) {
    const more = /,.*[A-Za-z_]/.test(trimmed) ? 'names several fields; records are sorted by one' : 'cannot be read';
    faults.add('sort', `${more}: write hostname, -hostname or [("hostname", -1)]`);
    return '';
  }
  const field = orderField(name, faults);
  if (field === undefined) return '';
  return sign === '-' || direction === '-1' ? `${field} desc` : field;
}
