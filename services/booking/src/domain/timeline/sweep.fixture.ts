import type { Amounts, Piece, RowKind, Shortage } from './rows.js';

interface Row {
  readonly kind: RowKind;
  readonly amount: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number;
}

/** The naive twin of `Timeline`: a list of rows, and a sweep over all instants at which one of them begins or ends. */
export class Sweep {
  readonly rows: Row[] = [];

  add(kind: RowKind, startMs: number, endMs: number, amounts: Amounts, sign: 1 | -1 = 1): void {
    for (const [amount, value] of Object.entries(amounts)) {
      this.rows.push({ kind, amount, startMs, endMs, value: sign * value });
    }
  }

  sum(kind: RowKind, amount: string, atMs: number): number {
    let sum = 0;
    for (const row of this.rows) {
      if (row.kind === kind && row.amount === amount && row.startMs <= atMs && atMs < row.endMs) sum += row.value;
    }
    return sum;
  }

  at(amount: string, atMs: number): number {
    return this.sum('grant', amount, atMs) - this.sum('booking', amount, atMs);
  }

  /** The instants of an interval at which anything may change, its start first. */
  instants(startMs: number, endMs: number): readonly number[] {
    const all = new Set([startMs, ...this.rows.flatMap((row) => [row.startMs, row.endMs])]);
    return [...all].filter((atMs) => startMs <= atMs && atMs < endMs).sort((one, other) => one - other);
  }

  worst(amount: string, startMs: number, endMs: number): number {
    return Math.min(...this.instants(startMs, endMs).map((atMs) => this.at(amount, atMs)));
  }

  best(amount: string, startMs: number, endMs: number): number {
    return Math.max(...this.instants(startMs, endMs).map((atMs) => this.at(amount, atMs)));
  }

  firstBelow(amount: string, fromMs: number, untilMs: number, floor: number): number | undefined {
    return this.instants(fromMs, untilMs).find((atMs) => this.at(amount, atMs) < floor);
  }

  firstAtLeast(amount: string, fromMs: number, untilMs: number, level: number): number | undefined {
    return this.instants(fromMs, untilMs).find((atMs) => this.at(amount, atMs) >= level);
  }

  /** The pieces between all instants, also where an amount stays as it is. */
  pieces(amount: string, fromMs: number, untilMs: number): readonly Piece[] {
    const instants = this.instants(fromMs, untilMs);
    return instants.map((startMs, i) => ({
      startMs,
      endMs: instants[i + 1] ?? untilMs,
      granted: this.sum('grant', amount, startMs),
      booked: this.sum('booking', amount, startMs),
      provisional: this.sum('provisional', amount, startMs),
    }));
  }

  shortages(amount: string, startMs: number, endMs: number, floor: number): readonly Shortage[] {
    const found: Shortage[] = [];
    for (const piece of this.pieces(amount, startMs, endMs)) {
      const shortfall = floor - (piece.granted - piece.booked);
      if (shortfall <= 0) continue;
      const last = found.at(-1);
      if (last?.endMs !== piece.startMs) found.push({ startMs: piece.startMs, endMs: piece.endMs, amount, shortfall });
      else found[found.length - 1] = { ...last, endMs: piece.endMs, shortfall: Math.max(last.shortfall, shortfall) };
    }
    return found;
  }

  firstShortage(startMs: number, endMs: number, need: Amounts): Shortage | undefined {
    const found = Object.entries(need)
      .filter(([, needed]) => needed > 0)
      .flatMap(([amount, needed]) => this.shortages(amount, startMs, endMs, needed).slice(0, 1));
    return found.sort((one, other) => one.startMs - other.startMs || (one.amount < other.amount ? -1 : 1))[0];
  }

  /** Tries each start: a start that is the first to fit lies at the window's start or where something changes. */
  firstFit(windowStartMs: number, windowEndMs: number, durationMs: number, need: Amounts): number | undefined {
    return this.instants(windowStartMs, windowEndMs).find(
      (startMs) =>
        startMs + durationMs <= windowEndMs && this.firstShortage(startMs, startMs + durationMs, need) === undefined,
    );
  }
}
