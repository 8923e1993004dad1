import { requestBytes } from '@berth/server';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const ms = z.number().int().min(1);

const count = z.number().int().min(0);
const LONGEST = 'The longest booking, from its first start to its last end';
const FARTHEST = 'How far ahead a booking may end';
const HOLDS = 'How many holds a caller may have at a time';

/** How far a role may go that has no limits of its own. */
const unlimited = z
  .strictObject({
    longestMs: ms.optional().describe(LONGEST),
    farthestMs: ms.optional().describe(FARTHEST),
    holds: count.optional().describe(HOLDS),
  })
  .prefault({});

/** Settings of the booking service; every replica of a store must have the same. Spans in milliseconds. */
export const bookingConfigSchema = z.strictObject({
  keepDays: z
    .number()
    .int()
    .min(1)
    .default(400)
    .describe('For how many days what has ended is kept; nothing is booked, and no availability told, before that'),
  snapshotEveryEntries: z
    .number()
    .int()
    .min(10)
    .default(1000)
    .describe('Save the state after this many entries of a ledger, so that a start is quick'),
  compareMs: ms
    .default(60_000)
    .describe('How often the reservations of labs are compared with the bookings of benches; one replica does'),
  holdMs: ms.default(300_000).describe('How long a hold lasts that does not say it'),
  benchReleaseMs: count
    .default(1_800_000)
    .describe('How long after its start an unused booking of benches is released that does not say it; 0 = never'),
  noticeMs: count
    .default(3_600_000)
    .describe('How long before the end a notice is told of a booking that does not say it; 0 = none'),
  limits: z
    .strictObject({
      user: z
        .strictObject({
          longestMs: ms.default(400 * DAY_MS).describe(LONGEST),
          farthestMs: ms.default(1100 * DAY_MS).describe(FARTHEST),
          holds: count.default(20).describe(HOLDS),
        })
        .prefault({}),
      operator: unlimited,
      admin: unlimited,
    })
    .prefault({})
    .describe('How far a role may go'),
  maxRequestBytes: requestBytes
    .default(4 << 20)
    .describe('Larger requests are refused; a simulation may have thousands of bookings'),
});

export type BookingConfig = z.infer<typeof bookingConfigSchema>;
