import type { Row } from './row.js';
import type { Spread } from './statistics.js';

const COLUMNS = ['', 'ceiling or peer', 'Berth', 'ratio', 'target', ''] as const;

/** The rows as text columns, with the notes below. */
export function table(title: string, rows: readonly Row[]): string {
  const lines = [COLUMNS, ...rows.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`  ${name}: ${note}`]));
  return [`\n${title}`, ...text, ...notes].join('\n');
}

function cells({ name, unit, ceiling, subject, ratio, target, reached }: Row): string[] {
  const relation = target?.kind === 'at least' ? '≥' : '≤';
  const verdict = reached === true ? 'reached' : 'MISSED';
  return [
    name,
    ceiling === undefined ? '' : `${short(ceiling.median)} ${unit}`,
    `${withSpread(subject)} ${unit}`,
    ratio === undefined ? '' : withSpread(ratio),
    target === undefined ? '' : `${relation} ${short(target.value)}${ratio === undefined ? ` ${unit}` : ''}`,
    reached === undefined ? '' : verdict,
  ];
}

function withSpread({ median, min, max }: Spread): string {
  return `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three figures that count. */
function short(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}
