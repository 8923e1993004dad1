import { styleText } from 'node:util';
import { printable, printableLines } from './printable.js';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
}

/** How wide and how coloured. */
export interface TableStyle {
  readonly color: boolean;
  /** The terminal's width; the last column is cut to fit. Infinity = never cut. */
  readonly width: number;
}

const GAP = '  ';

/** A table's texts, by row. */
export interface Cells {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The texts of a table; columns in which nothing stands are left out. */
export function tableCells<T>(rows: readonly T[], columns: readonly Column<T>[]): Cells {
  const filled = columns
    .map(({ title, text }) => ({ title, texts: rows.map((row) => printable(text(row)).trim()) }))
    .filter(({ texts }) => texts.some((text) => text !== ''));
  return {
    titles: filled.map(({ title }) => title),
    rows: rows.map((_, i) => filled.map(({ texts }) => texts[i] ?? '')),
  };
}

/** The rows under their titles, aligned by what is longest in each column; columns in which nothing stands are left out. */
export function tableText<T>(rows: readonly T[], columns: readonly Column<T>[], style: TableStyle): string {
  return cellsText(tableCells(rows, columns), style);
}

/** The rows of a table under their titles, aligned by what is longest in each column. */
export function cellsText({ titles, rows }: Cells, { color, width }: TableStyle): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((texts) => texts[i]?.length ?? 0)));
  function line(texts: readonly string[]): string {
    const padded = texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(GAP);
    return cut(padded.trimEnd(), width);
  }
  const head = line(titles);
  return [color ? styleText('bold', head) : head, ...rows.map(line)].join('\n');
}

/** Names and values, one a line, aligned; values that are empty are left out, and the lines of others stay under their first. */
export function factsText(facts: readonly (readonly [name: string, value: string])[]): string {
  const given = facts.filter(([, value]) => value !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length));
  const under = `\n${' '.repeat(width)}${GAP}`;
  return given
    .map(([name, value]) => `${name.padEnd(width)}${GAP}${printableLines(value).replaceAll('\n', under)}`)
    .join('\n');
}

/** Cuts a line to a width, with an ellipsis. */
export function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
