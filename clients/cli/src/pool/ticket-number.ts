import { InvalidArgumentError } from 'commander';
import { parseWhole } from '../program/options.js';

/** Reads the number of a ticket or a resource. */
export function parseNumber(text: string): number {
  const number = parseWhole(text);
  if (number >= 1) return number;
  throw new InvalidArgumentError(`"${text}" is no number; they begin at 1`);
}

/** Collects numbers of arguments that may be repeated. */
export function parseNumbers(text: string, before: readonly number[] = []): number[] {
  return [...before, parseNumber(text)];
}
