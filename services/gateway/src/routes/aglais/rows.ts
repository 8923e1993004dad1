import type { Block, Grain } from '@berth/client';
import { wallIn, zonedText } from '@berth/views';
import { ROW_AMOUNTS } from './amounts.js';

/** A figure of a block. */
export type RowFigure = 'granted' | 'booked' | 'worst';

/** One row: what there is of each amount from a date on. */
export type Row = Readonly<Record<string, string | number>>;

/** Rows with the columns that all of them have, in order. */
export interface RowTable {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const COLUMNS: readonly string[] = ['date', ...ROW_AMOUNTS];

/** A row for each block, with one figure of each amount; `zone` is that of the dates. */
export function blockRows(blocks: readonly Block[], figure: RowFigure, zone: string, grain: Grain): RowTable {
  const dateOf = zonedText(zone, grain);
  const rows = blocks.map(({ interval, amounts }) => {
    const figures = new Map(
      amounts.map((each) => [each.amount, figure === 'granted' ? each.granted : each.firm?.[figure]]),
    );
    return row(dateOf(interval?.startTime), (name) => figures.get(name) ?? 0);
  });
  return { columns: COLUMNS, rows };
}

/** A period of a size, of which a cluster has several. */
export interface SizePeriod {
  readonly cluster: string;
  readonly zone: string;
  readonly start: Date | undefined;
  readonly amounts: Readonly<Record<string, number>>;
}

/** A row for each period: from when on a cluster has that size. */
export function periodRows(periods: readonly SizePeriod[]): RowTable {
  const rows = periods.map(({ cluster, zone, start, amounts }) => ({
    ...row(start === undefined ? '' : momentText(start, zone), (name) => amounts[name] ?? 0),
    clusterid: cluster,
  }));
  return { columns: [...COLUMNS, 'clusterid'], rows };
}

/** The rows of several clusters, told apart by a column. */
export function ofClusters(tables: readonly { readonly cluster: string; readonly table: RowTable }[]): RowTable {
  const rows = tables.flatMap(({ cluster, table }) => table.rows.map((each) => ({ ...each, clusterid: cluster })));
  return { columns: [...COLUMNS, 'clusterid'], rows };
}

/** Rows as comma-separated values (RFC 4180), below the names of the columns. */
export function csvText({ columns, rows }: RowTable): string {
  const lines = [columns, ...rows.map((each) => columns.map((column) => String(each[column] ?? '')))];
  return lines.map((line) => `${line.map(cell).join(',')}\n`).join('');
}

function row(date: string, amountOf: (name: string) => number): Row {
  return { date, ...Object.fromEntries(ROW_AMOUNTS.map((name) => [name, amountOf(name)])) };
}

/** A date, with the time where it is not the beginning of that day. */
function momentText(at: Date, zone: string): string {
  const { date, time, offset } = wallIn(zone)(at);
  if (time === '00:00') return date;
  return `${date}T${time}${offset === '+00:00' ? 'Z' : offset}`;
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
