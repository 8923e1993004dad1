import { printable } from '@berth/views';

/** What a look at one thing has found. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly result: string;
  /** What to do about it. */
  readonly next?: string | undefined;
}

/** A finding for people. */
export function findingText({ check, ok, result, next }: Finding): string {
  return `${ok ? 'ok ' : 'NOT'}  ${check.padEnd(10)} ${printable(result)}${next ? `\n       next: ${printable(next)}` : ''}`;
}
