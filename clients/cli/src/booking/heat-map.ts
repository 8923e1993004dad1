import { type Block, type BlockAmount, Grain } from '@berth/client';
import { printable, type Wall, wallIn } from '@berth/views';
import { styleText } from 'node:util';
import { figureOf, namesOf, type Shown } from './capacity-view.js';

/** How a map is drawn. */
export interface MapStyle extends Shown {
  readonly grain: Grain;
  readonly zone: string;
  readonly units: Readonly<Record<string, string>>;
  readonly color: boolean;
}

interface Row {
  readonly title: string;
  readonly cells: readonly (BlockAmount | undefined)[];
}

const DAY_MS = 86_400_000;
const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const BLOCKS_A_ROW = 26;

/** One map for each amount, as lines: a row for each day, week, year …, with a number in each cell. */
export function drawMaps(blocks: readonly Block[], style: MapStyle): readonly string[] {
  return namesOf(blocks).flatMap((name, i) => [
    ...(i === 0 ? [] : ['']),
    titleOf(name, style),
    ...drawMap(rowsOf(blocks, i, style), style),
  ]);
}

function titleOf(name: string, { figure, provisional, units, zone, color }: MapStyle): string {
  const unit = units[name] === undefined ? '' : ` (${units[name]})`;
  const title = printable(`${name}${unit}: ${figure}${provisional ? ' with provisional bookings' : ''}, ${zone}`);
  return color ? styleText('bold', title) : title;
}

/** The cells of one amount, each in the row and the column in which people look for it. */
function rowsOf(blocks: readonly Block[], place: number, { grain, zone }: MapStyle): readonly Row[] {
  const wall = wallIn(zone);
  const rows = new Map<string, (BlockAmount | undefined)[]>();
  for (const [i, { interval, amounts }] of blocks.entries()) {
    if (interval?.startTime === undefined) continue;
    const { title, column } = placeOf(wall(interval.startTime), grain, i);
    const cells = rows.get(title) ?? [];
    // On a day of 25 h an hour comes twice: what comes second stands after it.
    while (cells.length < column) cells.push(undefined);
    cells.push(amounts[place]);
    rows.set(title, cells);
  }
  return [...rows].map(([title, cells]) => ({ title, cells }));
}

function placeOf(
  { date, time }: Wall,
  grain: Grain,
  index: number,
): { readonly title: string; readonly column: number } {
  const [hour = '', minute = ''] = time.split(':');
  if (grain === Grain.HOUR) return { title: date, column: Number(hour) };
  if (grain === Grain.MINUTE) return { title: `${date} ${hour}h`, column: Math.floor(Number(minute)) };
  if (grain === Grain.DAY) {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    const column = (new Date(midnight).getUTCDay() + 6) % WEEKDAYS.length;
    return { title: new Date(midnight - column * DAY_MS).toISOString().slice(0, 10), column };
  }
  if (grain === Grain.MONTH) return { title: date.slice(0, 4), column: Number(date.slice(5, 7)) - 1 };
  if (grain === Grain.WEEK) return { title: date.slice(0, 4), column: 0 };
  return { title: `from ${String(index - (index % BLOCKS_A_ROW))}`, column: index % BLOCKS_A_ROW };
}

function drawMap(rows: readonly Row[], style: MapStyle): readonly string[] {
  const { figure, provisional, grain, color } = style;
  const texts = rows.map(({ cells }) =>
    cells.map((cell) => (cell === undefined ? '' : String(figureOf(cell, figure, provisional)))),
  );
  const head = headOf(grain, Math.max(0, ...texts.map((cells) => cells.length)));
  const width = Math.max(2, ...texts.flat().map((text) => text.length), ...head.map((text) => text.length));
  const titles = Math.max(0, ...rows.map(({ title }) => title.length));
  const line = (title: string, cells: readonly string[]): string =>
    `${title.padEnd(titles)} ${cells.join(' ')}`.trimEnd();
  return [
    ...(head.length === 0
      ? []
      : [
          line(
            '',
            head.map((text) => text.padStart(width)),
          ),
        ]),
    ...rows.map(({ title, cells }, i) =>
      line(
        title,
        (texts[i] ?? []).map((text, at) => {
          const padded = text.padStart(width);
          const cell = cells[at];
          return color && cell ? styleText(colorOf(cell, figureOf(cell, 'worst', provisional)), padded) : padded;
        }),
      ),
    ),
  ];
}

function headOf(grain: Grain, columns: number): readonly string[] {
  if (grain === Grain.DAY) return WEEKDAYS;
  if (grain === Grain.MONTH) return Array.from({ length: 12 }, (_, i) => String(i + 1));
  if (grain === Grain.HOUR) return Array.from({ length: columns }, (_, i) => (i < 24 ? String(i) : ''));
  return [];
}

/** The colour of what is left: nothing granted, less than nothing, nothing, a quarter or less, half or less, more. */
function colorOf({ granted }: BlockAmount, left: number): Parameters<typeof styleText>[0] {
  if (left < 0) return ['bgMagenta', 'white'];
  if (granted === 0) return ['gray'];
  if (left === 0) return ['bgRed', 'white'];
  if (left * 4 <= granted) return ['bgYellow', 'black'];
  return left * 2 <= granted ? ['bgCyan', 'black'] : ['bgGreen', 'black'];
}
