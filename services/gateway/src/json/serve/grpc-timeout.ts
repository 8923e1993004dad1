import { invalidField } from '@berth/kernel';

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/** The milliseconds of a header `Grpc-Timeout`, such as `10S` or `500m`; undefined when there is none. Throws INVALID_FIELD. */
export function grpcTimeoutMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [, amount = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) {
    const how = `must be up to 8 digits and H, M, S, m (ms), u or n, such as 10S; is ${JSON.stringify(header)}`;
    throw invalidField('header.grpc-timeout', how);
  }
  return Number(amount) * unitMs;
}
