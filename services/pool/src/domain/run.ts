import type { Hook } from './options/options.js';

/** One run of a command; a document. Its id comes after those of the resource's earlier runs. */
export interface Run {
  /** See runPrefix. */
  readonly id: string;
  /** The resource's number; 0 for what is run for no row. */
  readonly number: number;
  readonly pool: string;
  readonly hook: Hook;
  /** The n of its idempotency key. */
  readonly attempt: number;
  readonly startMs: number;
  /** Absent while it runs, and when whoever ran it died. */
  readonly endMs?: number;
  /** Absent while it runs, and when nothing was run. */
  readonly code?: number;
  /** The way in which it failed, for people; '' = it did not, or runs. */
  readonly fault: string;
  /** The resource's number, of livechecks alone: the last few of them are kept. */
  readonly check?: number;
}

/** A part of what a run wrote; a document. */
export interface LogPart {
  /** `<run>/<place>`, in the order of what was written. */
  readonly id: string;
  /** How much was written before it. More than the end of the part before: what lies between is left out. */
  readonly offset: number;
  /** The bytes, in base64. */
  readonly data: string;
}

/** What the ids of a resource's runs begin with. */
export function runPrefix(number: number): string {
  return `${String(number).padStart(16, '0')}/`;
}

/** The id of the part of a run at a place, from 0. */
export function partId(run: string, place: number): string {
  return `${run}/${String(place).padStart(8, '0')}`;
}
