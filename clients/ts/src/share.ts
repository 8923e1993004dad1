const SHARE = /^(\d+(?:\.\d+)?)(%?)$/;
const WHOLE = 10_000;

/** A share of a cluster, `20%` or `0.2`, in basis points. Throws a RangeError for other text, and for what is finer than 0.01 %. */
export function toShare(text: string): number {
  const [, digits, percent] = SHARE.exec(text.replace(/\s+%$/, '%')) ?? [];
  if (digits === undefined) throw new RangeError(`"${text}" is no share; write 20% or 0.2`);
  const points = Number(digits) * (percent === '%' ? 100 : WHOLE);
  const whole = Math.round(points);
  if (Math.abs(points - whole) > 1e-6) throw new RangeError(`"${text}" is finer than 0.01 %`);
  if (whole < 1) throw new RangeError(`"${text}" is nothing; a share is at least 0.01 %`);
  if (whole > WHOLE) throw new RangeError(`"${text}" is more than the whole; write 20% or 0.2`);
  return whole;
}
