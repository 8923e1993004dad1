import type { By, RequestKey } from '@berth/kernel';
import type { Anchor, Grain } from '../domain/time/grain.js';
import type { When } from '../domain/time/when.js';

/** Who calls, and how. */
export interface Call {
  /** What a repeat is known by; with an empty id the call cannot be repeated. */
  readonly key: RequestKey;
  readonly by: By;
  /** The caller's role: `viewer`, `user`, `operator` or `admin`; limits are set by it. */
  readonly role: string;
  /** Checks everything, stores nothing. Absent = false. */
  readonly validateOnly?: boolean;
}

/** A range of time as a request has it. */
export interface RangeInput {
  readonly start: When;
  readonly end: When;
  /** An IANA zone for dates; empty = the cluster's. */
  readonly zone: string;
  /** Where it stands in the request, for faults. */
  readonly path: string;
}

/** What a span takes. Exactly one kind. */
export type TakeInput =
  | { readonly kind: 'amounts'; readonly amounts: Readonly<Record<string, number>> }
  /** Of each of the cluster's amounts; 1 to 10,000. */
  | { readonly kind: 'share'; readonly basisPoints: number }
  /** `version` 0 = the newest. */
  | { readonly kind: 'template'; readonly name: string; readonly version: number; readonly count: number }
  | BenchesInput;

/** Benches by names, or by requirements (one bench each, counts expanded); one of both is empty. */
export interface BenchesInput {
  readonly kind: 'benches';
  readonly lab: string;
  readonly names: readonly string[];
  /** `berth.lease.v1.Requirement` as JSON. */
  readonly requirements: readonly Json[];
}

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface SpanInput {
  /** Empty = `default`; with benches that of the lab; with a new cluster that one. */
  readonly cluster: string;
  readonly range: RangeInput;
  readonly take: TakeInput;
  /** Where it stands in the request, for faults. */
  readonly path: string;
}

/** A booking as a request has it. What is absent has its default. */
export interface BookingInput {
  readonly spans: readonly SpanInput[];
  /** Empty = the caller. */
  readonly owner: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority?: number | undefined;
  readonly whenFull: 'refuse' | 'wait';
  readonly resolveByMs?: number | undefined;
  readonly releaseAfterMs?: number | undefined;
  readonly notifyBeforeStartMs?: number | undefined;
  readonly notifyBeforeEndMs?: number | undefined;
}

/** How the blocks of an answer are cut. */
export interface GridInput {
  readonly grain: Grain;
  readonly anchor: Anchor;
  readonly clip: boolean;
}

export interface AvailabilityInput {
  readonly cluster: string;
  readonly range: RangeInput;
  readonly grid: GridInput;
  /** Empty = all that the cluster has in the range. */
  readonly amounts: readonly string[];
  readonly templates: readonly { readonly name: string; readonly version: number }[];
  readonly levels: boolean;
  /** Only these blocks, by their numbers, and fewer where the answer would be too large; absent = all. */
  readonly page?: { readonly from: number; readonly count: number } | undefined;
}

export interface RecurrenceInput {
  readonly rule: string;
  readonly excluded: readonly When[];
  readonly added: readonly When[];
  readonly gap: 'move' | 'skip';
}

/** Which bookings of a series are meant. */
export type Scope = 'one' | 'following' | 'all';

/** A part of a cluster, as a request has it; `version` 0 = the newest. */
export interface PartInput {
  readonly role: string;
  readonly template: string;
  readonly version: number;
  readonly count: number;
}

/** A cluster as a request has it. */
export interface ClusterInput {
  /** A path whose first segments are its parent; see the domain. */
  readonly name: string;
  /** Empty = a root one. */
  readonly parent: string;
  readonly description: string;
  readonly owner: string;
  readonly kind: string;
  readonly units: Readonly<Record<string, string>>;
  /** Empty = the parent's; UTC for a root one. */
  readonly zone: string;
  readonly parts: readonly PartInput[];
  readonly amounts: Readonly<Record<string, number>>;
  readonly limit?: Readonly<Record<string, number>> | undefined;
  /** Absent for a root one. */
  readonly range?: RangeInput | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** A new size of a cluster. */
export interface ResizeInput {
  readonly name: string;
  readonly etag: string;
  readonly parts: readonly PartInput[];
  readonly amounts: Readonly<Record<string, number>>;
  /** Absent = from now to the cluster's end; an end beyond that is that. */
  readonly range?: RangeInput | undefined;
  readonly force: boolean;
}

/** A grant, or maintenance, as a request has it. */
export interface GrantInput {
  readonly kind: 'capacity' | 'maintenance';
  readonly cluster: string;
  readonly amounts: Readonly<Record<string, number>>;
  readonly benches: readonly string[];
  readonly range: RangeInput;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** New values of some fields; what is absent stays, null clears. */
export type Patch<T> = { readonly [Field in keyof T]?: T[Field] | null };

/** One page of a list that is read from the store; the transport makes pages of its own with `storePage`. */
export interface PageInput {
  readonly limit: number;
  /** A cursor of the page before; undefined for the first. */
  readonly after: string | undefined;
}
