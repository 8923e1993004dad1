import { BerthError } from '@berth/client';
import type { Cells } from '@berth/views';

/** How a row stands out: what can be had, what is in use, what somebody should look at. */
export type Tone = 'free' | 'held' | 'out';

/** One part of a lab, as the page shows it. */
export interface Part {
  readonly title: string;
  /** The whole of it in a few words. */
  readonly summary: string;
  /** Absent when there is nothing to list. */
  readonly cells?: Cells;
  /** One for each row, where rows stand out. */
  readonly tones?: readonly Tone[];
  /** What is not listed; empty when all is. */
  readonly more?: string;
}

/** A lab at one moment. */
export interface LabPicture {
  readonly lab: string;
  readonly time: Date;
  readonly parts: readonly Part[];
}

/** Errors that are about what was asked for, and not about the one part. */
const ABOUT_ALL = ['NO_SUCH_LAB', 'INVALID_FIELD', 'NOT_AUTHENTICATED', 'BAD_CREDENTIALS'];

/** A part as it is read; a role that is away, or refuses, is told in its place. Throws what is wrong with the whole page. */
export async function readPart(title: string, read: () => Promise<Omit<Part, 'title'>>): Promise<Part> {
  try {
    return { title, ...(await read()) };
  } catch (error) {
    if (!(error instanceof BerthError) || ABOUT_ALL.includes(error.reason)) throw error;
    return { title, summary: `not known now: ${error.message}` };
  }
}
