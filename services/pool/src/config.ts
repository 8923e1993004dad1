import { requestBytes } from '@berth/server';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const kept = z.number().int().min(DAY_MS);

/** Settings of the pool service; every replica of a store must have the same. Spans in milliseconds. */
export const poolConfigSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .optional()
    .describe('The pools (pools.yaml), read again when the file changes; absent = those that ApplyPools has set'),
  unknownTags: z
    .enum(['refuse', 'wait'])
    .default('refuse')
    .describe('What becomes of a ticket for tags that no pool has: it is refused, or waits until one has'),
  requestIdTtlMs: kept
    .default(DAY_MS)
    .describe('For how long answers are kept for repeats of a request_id; at least 24 h'),
  keepMs: kept
    .default(30 * DAY_MS)
    .describe('For how long ended resources, closed and failed tickets, and logs are kept; at least 24 h'),
  maxRequestBytes: requestBytes
    .default(4 << 20)
    .describe('Larger requests are refused; a file of pools is a request of ApplyPools'),
});

export type PoolConfig = z.infer<typeof poolConfigSchema>;
