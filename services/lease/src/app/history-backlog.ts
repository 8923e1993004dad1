import type { EventLog, LogEntry } from '../ports/event-log.js';

/** The most that the log keeps for a history that is not taken. */
export interface HistoryBounds {
  readonly bytes: number;
  readonly ageMs: number;
}

/** What the log keeps for the history. */
export interface Backlog {
  readonly bytes: number;
  /** Of the oldest. */
  readonly ageMs: number;
}

const PAGE = 50;
/** What an entry takes beside its events, about. */
const ENTRY_BYTES = 64;

/** What an entry takes in the log, about. */
export function bytesOf({ events }: LogEntry): number {
  return events.reduce((sum, event) => sum + event.length, ENTRY_BYTES);
}

/** How long ago an entry was made. A revision is a time in microseconds. */
export function ageOf({ first }: LogEntry, log: EventLog): number {
  return log.now() - first / 1000;
}

/** Counts what comes after a position of the log, each entry once: a look costs what has come since the last one. */
export class HistoryBacklog {
  #position = -1;
  #counted = -1;
  #bytes = 0;

  /** `rest` is waited for after each page, with how many there were: who waits for a bench goes first. */
  constructor(
    private readonly log: EventLog,
    private readonly rest: () => Promise<void>,
  ) {}

  /** What is after a position; 'trimmed' when the log does not go on from there. */
  async after(position: number): Promise<Backlog | 'trimmed'> {
    if (position !== this.#position) this.#restart(position);
    for (;;) {
      const entries = await this.log.read(this.#counted, PAGE);
      if (entries === 'trimmed') {
        this.#restart(-1);
        return 'trimmed';
      }
      for (const entry of entries) this.#bytes += bytesOf(entry);
      this.#counted = entries.at(-1)?.last ?? this.#counted;
      if (entries.length < PAGE) break;
      await this.rest();
    }
    const oldest = await this.log.read(position, 1);
    if (oldest === 'trimmed') return 'trimmed';
    return { bytes: this.#bytes, ageMs: oldest[0] === undefined ? 0 : ageOf(oldest[0], this.log) };
  }

  /** The position has moved on over these entries. */
  passed(entries: readonly LogEntry[], position: number): void {
    if (this.#position < 0) return;
    this.#position = position;
    for (const entry of entries) this.#bytes -= bytesOf(entry);
    if (this.#counted < position) this.#restart(position);
  }

  #restart(position: number): void {
    this.#position = position;
    this.#counted = position;
    this.#bytes = 0;
  }
}
