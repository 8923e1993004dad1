import type { Amounts } from '../timeline/rows.js';

/** Machines of one sort in a cluster. */
export interface Part {
  readonly role: string;
  readonly template: string;
  readonly templateVersion: number;
  readonly count: number;
  /** What they take together. */
  readonly amounts: Amounts;
}

/** One period of a child's size. Sizes are only added; where two overlap the later one counts. */
export interface Size {
  readonly startMs: number;
  readonly endMs: number;
  readonly amounts: Amounts;
  readonly parts: readonly Part[];
  readonly actor: string;
  readonly createdMs: number;
}

/** A timeline of capacity. Immutable: a change is another object. */
export interface Cluster {
  readonly name: string;
  readonly description: string;
  /** Absent for a root one. */
  readonly parent?: string;
  readonly owner: string;
  /** What it is made of or for; free text. */
  readonly kind: string;
  readonly units: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** From when until when a child is there; absent for a root one. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** A child's, in the order in which they were set; empty for a root one, whose size is what its grants give. */
  readonly sizes: readonly Size[];
  /** What a child takes from its parent, always; absent = its size. */
  readonly limit?: Amounts;
  /** The booking on the parent; absent for a root one. */
  readonly booking?: string;
  /** The one booking that may use it. */
  readonly exclusiveBooking?: string;
  readonly origin: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly deletedMs?: number;
  readonly version: number;
}

/** What adds to a root cluster's capacity, or takes from a cluster (maintenance). Immutable. */
export interface Grant {
  readonly id: string;
  readonly cluster: string;
  readonly kind: 'CAPACITY' | 'MAINTENANCE';
  readonly startMs: number;
  /** FOREVER_MS = no end. */
  readonly endMs: number;
  readonly amounts: Amounts;
  readonly description: string;
  /** `inventory` for a bench of a lab, else empty. */
  readonly origin: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly actor: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** It has no effect from then on. */
  readonly deletedMs?: number;
  readonly version: number;
}

/** A version of a template: named amounts. Only `hidden` ever changes. */
export interface Template {
  readonly name: string;
  readonly version: number;
  readonly amounts: Amounts;
  readonly description: string;
  readonly hidden: boolean;
  readonly actor: string;
  readonly createdMs: number;
}

/** Bookings that were made by one rule. Immutable. */
export interface Series {
  readonly id: string;
  readonly owner: string;
  /** As the caller gave it, for people and for changes of all; plain data that the domain never looks into. */
  readonly rule: unknown;
  /** The bookings by start. */
  readonly bookings: readonly string[];
  readonly createdMs: number;
  readonly actor: string;
}

/** The instant that no time reaches: the end of what has none. The largest that Date knows. */
export const FOREVER_MS = 8_640_000_000_000_000;

/** The name of the amount that stands for parts of a whole cluster, in basis points. No caller's amount has it. */
export const SHARE = '%';

/** Amounts in the timeline are kept in ten-thousandths, so that shares are whole numbers too. */
export const UNIT = 10_000;
