import * as z from 'zod';

const count = z.number().int().min(0).optional();

const limit = z.strictObject({
  held: count.describe('Benches held at a time'),
  waiting: count.describe('Requests waiting at a time'),
  maxDurationMs: z.number().int().min(1).optional().describe('The longest max_duration, which is the default then'),
});

/** Settings of the lease service; every replica of a store must have the same. Spans in milliseconds. */
export const leaseConfigSchema = z.strictObject({
  priorityPointMs: z
    .union([z.literal('strict'), z.number().int().min(0)])
    .default(60_000)
    .describe("How much waiting one point of priority is worth; 'strict' = a higher priority always goes first"),
  backfill: z
    .boolean()
    .default(false)
    .describe('Let a request overtake a multi-bench request that still lacks benches'),
  sessionTtlMs: z
    .number()
    .int()
    .min(500)
    .default(15_000)
    .describe("A dead server process's connection leases end after this time"),
  waiterGraceMs: z
    .number()
    .int()
    .min(0)
    .default(15_000)
    .describe('How long a waiter keeps its place when its server process is lost'),
  keepBackMs: z
    .number()
    .int()
    .min(0)
    .default(20_000)
    .describe('How long a free bench is kept back for a waiter that is not connected; then the next may have it'),
  requestIdTtlMs: z
    .number()
    .int()
    .min(86_400_000)
    .default(86_400_000)
    .describe('For how long answers are kept for repeats of a request_id; at least 24 h'),
  priorityCaps: z
    .strictObject({
      viewer: z.number().int().min(0).max(100).default(0),
      user: z.number().int().min(0).max(100).default(100),
      operator: z.number().int().min(0).max(100).default(100),
      admin: z.number().int().min(0).max(100).default(100),
    })
    .prefault({})
    .describe('The highest priority that a role may use'),
  limits: z
    .strictObject({
      roles: z
        .strictObject({ user: limit.prefault({}), operator: limit.prefault({}), admin: limit.prefault({}) })
        .prefault({})
        .describe('What each owner who calls with a role may have'),
      teams: z.record(z.string(), limit).default({}).describe('What all owners of a team may have together'),
    })
    .prefault({})
    .describe('What owners and teams may have: held, waiting, maxDurationMs; what is not said is not limited'),
  snapshotEveryEntries: z
    .number()
    .int()
    .min(100)
    .default(10_000)
    .describe('Save the state after this many log entries, so that a start is quick'),
  warnBeforeMs: z
    .array(z.number().int().min(1))
    .default([600_000, 60_000])
    .describe('How long before its end a holder is warned; of a short lease a tenth of it'),
  logKeepMs: z.number().int().min(0).default(600_000).describe('The log keeps at least what happened in this time'),
  bookingNoticeMs: z
    .number()
    .int()
    .min(0)
    .default(3_600_000)
    .describe(
      'A booking of a bench must begin so much later to end a lease without max_duration, or to go before waiters',
    ),
  openEndedMs: z
    .number()
    .int()
    .min(1)
    .default(3_600_000)
    .describe('For so long a bench must not be booked by others for a request without max_duration to get it'),
  historyMaxBytes: z
    .number()
    .int()
    .min(1 << 20)
    .default(1 << 30)
    .describe('The most that a log keeps for a tracker that does not take the history; then the oldest is given up'),
  historyMaxAgeMs: z
    .number()
    .int()
    .min(60_000)
    .default(604_800_000)
    .describe('The longest that it keeps something for that; then it is given up'),
});

export type LeaseConfig = z.infer<typeof leaseConfigSchema>;
