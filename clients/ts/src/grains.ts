import { Grain } from '@berth/proto/berth/booking/v1/time';

/** How long a block is, by the words that people use for it. */
export const GRAINS = {
  minute: Grain.MINUTE,
  hour: Grain.HOUR,
  day: Grain.DAY,
  week: Grain.WEEK,
  month: Grain.MONTH,
  year: Grain.YEAR,
  hourly: Grain.HOUR,
  daily: Grain.DAY,
  weekly: Grain.WEEK,
  monthly: Grain.MONTH,
  yearly: Grain.YEAR,
} as const;
