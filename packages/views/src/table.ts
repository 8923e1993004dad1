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

/** The rows under their titles, aligned by what is longest in each column; columns in which nothing stands are left out. */
export function tableText<T>(rows: readonly T[], columns: readonly Column<T>[], { color, width }: TableStyle): string {
  const cells = columns
    .map(({ title, text }) => ({ title, texts: rows.map((row) => printable(text(row)).trim()) }))
    .filter(({ texts }) => texts.some((text) => text !== ''));
  const widths = cells.map(({ title, texts }) => Math.max(title.length, ...texts.map((text) => text.length)));
  function line(texts: readonly string[]): string {
    const padded = texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(GAP);
    return cut(padded.trimEnd(), width);
  }
  const head = line(cells.map(({ title }) => title));
  const body = rows.map((_, i) => line(cells.map(({ texts }) => texts[i] ?? '')));
  return [color ? styleText('bold', head) : head, ...body].join('\n');
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
