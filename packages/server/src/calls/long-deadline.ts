import type { IncomingHttpHeaders } from 'node:http2';

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const MS_OF_UNIT: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000001 };
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Takes a `grpc-timeout` of more than 24.8 days out of the headers. grpc-js computes it in 32 bits: 30 days would be over
 * at once, and 60 days after 10. The caller keeps its own deadline and cancels then, so the server need not count.
 */
export function dropLongDeadline(headers: IncomingHttpHeaders): void {
  const header = headers['grpc-timeout'];
  if (typeof header !== 'string') return;
  const [, amount, unit] = TIMEOUT.exec(header) ?? [];
  if (amount === undefined || unit === undefined) return;
  if (Number(amount) * (MS_OF_UNIT[unit] ?? 0) > LONGEST_TIMEOUT_MS) delete headers['grpc-timeout'];
}
