import { toShare } from '@berth/client';
import { InvalidArgumentError } from 'commander';

/** Reads a share of a flag, `20%` or `0.2`, as basis points. */
export function parseShare(text: string): number {
  try {
    return toShare(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** A share for people: `20 %`. */
export function shareText(basisPoints: number): string {
  return `${String(basisPoints / 100)} %`;
}
