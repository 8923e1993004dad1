import { type Block, type BlockAmount, durationToMs, type Figures } from '@berth/client';
import type { Column } from '@berth/views';

/** The figures of a block that can be shown. */
export const FIGURES = ['worst', 'best', 'booked', 'granted'] as const;
export type Figure = (typeof FIGURES)[number];

/** What of a block is shown. */
export interface Shown {
  readonly figure: Figure;
  /** Counts provisional bookings as if they were firm. */
  readonly provisional: boolean;
  /** How the start of a block is written. */
  readonly start: (at: Date | undefined) => string;
}

/** The names of the amounts that blocks have. */
export function namesOf(blocks: readonly Block[]): readonly string[] {
  return (blocks[0]?.amounts ?? []).map(({ amount }) => amount);
}

/** One figure of one amount. Where provisional bookings change nothing, they have the figures of firm ones. */
export function figureOf(amount: BlockAmount, figure: Figure, provisional: boolean): number {
  if (figure === 'granted') return amount.granted;
  const figures = provisional ? (amount.all ?? amount.firm) : amount.firm;
  return figures?.[figure] ?? 0;
}

/** The blocks as lines of comma-separated values: the start, then a column for each amount and each template. */
export function csvText(blocks: readonly Block[], { figure, provisional, start }: Shown): string {
  const fits = (blocks[0]?.fits ?? []).map(({ template, version }) => `${template}@${String(version)}`);
  const rows = blocks.map(({ interval, amounts, fits: counts }) => [
    start(interval?.startTime),
    ...amounts.map((amount) => String(figureOf(amount, figure, provisional))),
    ...counts.map(({ firm, all }) => String(provisional ? all : firm)),
  ]);
  return [['start', ...namesOf(blocks), ...fits], ...rows].map((row) => `${row.join(',')}\n`).join('');
}

/** The columns of a table of blocks: `4/10` is what is left of what is granted, `(2)` with provisional bookings. */
export function capacityColumns(
  blocks: readonly Block[],
  { figure, provisional, start }: Shown,
): readonly Column<Block>[] {
  const ofWhole = figure === 'granted' ? '' : '/GRANTED';
  return [
    { title: 'START', text: ({ interval }) => start(interval?.startTime) },
    { title: '', text: ({ partial }) => (partial ? 'partial' : '') },
    ...namesOf(blocks).map((name, i) => ({
      title: `${name.toUpperCase()} ${figure.toUpperCase()}${ofWhole}`,
      text: ({ amounts }: Block) => (amounts[i] ? cellText(amounts[i], figure, provisional) : ''),
    })),
    ...(blocks[0]?.fits ?? []).map(({ template, version }, i) => ({
      title: `${template.toUpperCase()}@${String(version)}`,
      text: ({ fits }: Block) => String((provisional ? fits[i]?.all : fits[i]?.firm) ?? 0),
    })),
  ];
}

function cellText(amount: BlockAmount, figure: Figure, provisional: boolean): string {
  const value = figureOf(amount, figure, provisional);
  const withAll = figureOf(amount, figure, true);
  const brackets = withAll === value ? '' : ` (${String(withAll)})`;
  return `${String(value)}${figure === 'granted' ? '' : `/${String(amount.granted)}`}${brackets}`;
}

function figuresView({ booked, worst, best, levels }: Figures) {
  return {
    booked,
    worst,
    best,
    levels:
      levels.length === 0
        ? undefined
        : levels.map(({ available, duration }) => ({
            available,
            seconds: duration ? durationToMs(duration) / 1000 : 0,
          })),
  };
}

/** A block as `-o json` and `-o yaml` show it. */
export function blockView({ interval, partial, amounts, fits }: Block) {
  return {
    start: interval?.startTime,
    end: interval?.endTime,
    partial: partial || undefined,
    amounts: Object.fromEntries(
      amounts.map(({ amount, granted, firm, all }) => [
        amount,
        { granted, ...(firm && figuresView(firm)), provisional: all && figuresView(all) },
      ]),
    ),
    fits:
      fits.length === 0
        ? undefined
        : fits.map(({ template, version, firm, all }) => ({ template, version, fits: firm, provisional: all })),
  };
}
