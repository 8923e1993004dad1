/** The length of a block of availability. */
export type Grain = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/**
 * The day on which the first week, month or year begins: `start` where the range does, `calendar` on Monday (ISO), on the
 * first of the month, on 1 January; or weeks on a named day (1 is Monday, 7 is Sunday), and months and years as `start`.
 */
export type Anchor = 'start' | 'calendar' | { readonly weekday: number };

/** How a range is divided into blocks. */
export interface Grid {
  readonly grain: Grain;
  readonly anchor: Anchor;
  /** A name that `Calendar.zone` gave. */
  readonly zone: string;
  /** Whether the first and last block are cut at the range; otherwise they are whole. Either way they are marked partial. */
  readonly clip: boolean;
}
