/** The length of a block of availability. */
export type Grain = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/**
 * Where blocks begin: `start` where the range does, `calendar` at midnight, on Monday (ISO), on the first of the month or
 * year, or weeks on the named day (1 is Monday, 7 is Sunday; other grains as `calendar`).
 */
export type Anchor = 'start' | 'calendar' | { readonly weekday: number };

/** How a range is cut into blocks. */
export interface Grid {
  readonly grain: Grain;
  readonly anchor: Anchor;
  /** A zone that `Calendar.zone` gave. */
  readonly zone: string;
  /** Whether the first and last block are cut at the range; otherwise they are whole, and marked partial. */
  readonly clip: boolean;
}
