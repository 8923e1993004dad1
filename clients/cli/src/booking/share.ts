import { InvalidArgumentError } from 'commander';

const SHARE = /^(\d+(?:\.\d+)?)(%?)$/;
const WHOLE = 10_000;

/** Reads a share, `20%` or `0.2`, as basis points. */
export function parseShare(text: string): number {
  const [, digits, percent] = SHARE.exec(text.replace(/\s+%$/, '%')) ?? [];
  if (digits === undefined) throw new InvalidArgumentError(`"${text}" is no share; write 20% or 0.2`);
  const points = Number(digits) * (percent === '%' ? 100 : WHOLE);
  const whole = Math.round(points);
  if (Math.abs(points - whole) > 1e-6) throw new InvalidArgumentError(`"${text}" is finer than 0.01 %`);
  if (whole < 1) throw new InvalidArgumentError(`"${text}" is nothing; a share is at least 0.01 %`);
  if (whole > WHOLE) throw new InvalidArgumentError(`"${text}" is more than the whole; write 20% or 0.2`);
  return whole;
}

/** A share for people: `20 %`. */
export function shareText(basisPoints: number): string {
  return `${String(basisPoints / 100)} %`;
}
