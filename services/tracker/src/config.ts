import { requestBytes } from '@berth/server';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const ms = z.number().int().min(1);
const kept = z.number().int().min(DAY_MS);

const collector = z.strictObject({
  delete: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe('The command that deletes one (a text for sh -c, or a list of arguments); absent = it is only marked'),
  notify: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe('The command that tells the owner; absent = the log and the list of leaks tell'),
  releaseWithoutCommand: z
    .boolean()
    .default(false)
    .describe('Without a delete command, collecting records the release: for kinds that need no cleaning'),
  timeoutMs: ms.default(60_000).describe('A command that runs longer gets SIGTERM, and 5 s later SIGKILL'),
});

/** Settings of the tracker service; every replica of a store must have the same. Spans in milliseconds. */
export const trackerConfigSchema = z.strictObject({
  maxRequestBytes: requestBytes
    .default(16 << 20)
    .describe(
      'Larger requests are refused; a batch of 10,000 with labels, or a report of 100,000 ids, has several MiB',
    ),
  sweepMs: ms.default(10_000).describe('How often leaks are looked for; one replica does'),
  requestIdTtlMs: z
    .number()
    .int()
    .min(DAY_MS)
    .default(DAY_MS)
    .describe('For how long answers are kept for repeats of a request_id; at least 24 h'),
  kindsFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A file with further kinds of records (kinds.yaml), read again when it changes; absent = the built-in kinds',
    ),
  collect: z
    .strictObject({
      graceMs: z.number().int().min(0).default(86_400_000).describe('How long after marking something may be deleted'),
      maxPerCycle: z.number().int().min(0).default(10).describe('The most deletions in one plan'),
      maxPerOwner: z.number().int().min(0).default(10).describe('The most deletions of one owner in one plan'),
      maxPercent: z
        .number()
        .min(0)
        .max(100)
        .default(20)
        .describe('The most deletions in one plan, in percent of what is live of the kind; one is always allowed'),
      env: z
        .array(z.string().regex(/^[A-Za-z_*][\w*]*$/, 'must be the name of a variable, or a pattern like AWS_*'))
        .default([])
        .describe("Further variables of berthd's own environment that commands get, also by pattern: AWS_*"),
      kinds: z.record(z.string(), collector).prefault({}).describe('How each kind is deleted and its owner told'),
    })
    .prefault({}),
  report: z
    .strictObject({
      leastKnown: z.number().int().min(1).default(5).describe('With fewer known, any report is believed'),
      leastPercent: z
        .number()
        .min(0)
        .max(100)
        .default(20)
        .describe('A report that sees less of what is known is refused unless forced'),
      graceMs: z
        .number()
        .int()
        .min(0)
        .default(60_000)
        .describe('What was confirmed so shortly before a report may be missing from it'),
    })
    .prefault({})
    .describe('Which reports of providers are believed'),
  retention: z
    .strictObject({
      allocationsMs: kept
        .default(400 * DAY_MS)
        .describe('For how long ended allocations and closed groups are kept, for history and usage; at least 24 h'),
      plansMs: kept
        .default(30 * DAY_MS)
        .describe('For how long collection plans are kept, applied or not; at least 24 h'),
    })
    .prefault({})
    .describe('For how long what is over is kept; never shorter than requestIdTtlMs'),
});

export type TrackerConfig = z.infer<typeof trackerConfigSchema>;
