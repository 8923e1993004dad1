import type { Availability } from '../domain/availability/availability.js';
import type { Booking, BookingState, Shortfall } from '../domain/model/booking.js';
import type { Cluster, Grant, Size, Template } from '../domain/model/cluster.js';
import type { Notice } from '../domain/model/ledger.js';
import type { Block } from '../domain/time/block.js';
import type { Amounts } from '../domain/timeline/rows.js';
import type {
  AvailabilityInput,
  BookingInput,
  Call,
  ClusterInput,
  GrantInput,
  GridInput,
  PageInput,
  Patch,
  RangeInput,
  RecurrenceInput,
  ResizeInput,
  Scope,
} from './inputs.js';

/** One page as the store has it; `next` is the cursor of the page after it. */
export interface FoundPage<T> {
  readonly documents: readonly T[];
  readonly next: string | undefined;
}

export interface BookingFilter {
  /** At most 1,000; empty = any. */
  readonly ids: readonly string[];
  /** Empty = any, as with the other texts. */
  readonly cluster: string;
  readonly owner: string;
  readonly seriesId: string;
  /** Empty = all that are not over. */
  readonly states: readonly BookingState[];
  readonly range?: RangeInput | undefined;
  /** `lab/name`. */
  readonly bench: string;
}

export interface AvailabilityAnswer {
  /** Those of the page that was asked for. */
  readonly blocks: readonly Block[];
  /** How many blocks the range has. */
  readonly total: number;
  readonly availability: Availability;
  /** The templates asked for, with their versions, in the order of `fits`. */
  readonly templates: readonly Template[];
  readonly units: Readonly<Record<string, string>>;
  readonly zone: string;
  /** The ledger's sequence that this shows. */
  readonly revision: number;
}

export interface FitAnswer {
  readonly startMs: number;
  readonly endMs: number;
  /** It fits from `startMs` on at any instant until here. */
  readonly latestStartMs: number;
  readonly benches: readonly string[];
}

export interface SimulationInput {
  readonly grants: readonly GrantInput[];
  readonly bookings: readonly BookingInput[];
  /** Ids of grants and bookings to leave out. */
  readonly without: readonly string[];
  readonly availability?: AvailabilityInput | undefined;
}

export interface SimulationAnswer {
  readonly bookings: readonly { readonly state: BookingState | undefined; readonly shortfall: Shortfall | undefined }[];
  readonly degraded: readonly string[];
  readonly promoted: readonly string[];
  readonly availability: AvailabilityAnswer | undefined;
}

export interface ConflictFilter {
  readonly cluster: string;
  readonly owner: string;
  readonly range?: RangeInput | undefined;
}

export interface WatchInput {
  /** Absent = no blocks. */
  readonly availability?: AvailabilityInput | undefined;
  /** `*` = of all owners. */
  readonly noticesOf: readonly string[];
  /** Notices of the root's entries after this are told first, as far as entries are kept; absent = from now on. */
  readonly fromRevision?: number | undefined;
  /** Notices of all roots' entries of this time and later are told first, as far as entries are kept; absent = from now on. */
  readonly fromMs?: number | undefined;
}

/** Something to tell a watcher; `blocks` are those that changed, all at first. */
export type WatchNews =
  | { readonly answer: AvailabilityAnswer; readonly changed: readonly number[]; readonly revision: number }
  | { readonly notice: Notice; readonly booking: Booking; readonly revision: number };

/** What the transport calls for the RPCs of BookingService; errors are BerthErrors. */
export interface BookingUses {
  createBooking(
    input: { readonly booking: BookingInput; readonly newCluster?: ClusterInput | undefined; readonly force: boolean },
    call: Call,
  ): Promise<{ readonly booking: Booking; readonly cluster?: Cluster | undefined }>;
  createHold(input: { readonly booking: BookingInput; readonly ttlMs: number }, call: Call): Promise<Booking>;
  createSeries(
    input: {
      readonly booking: BookingInput;
      readonly recurrence: RecurrenceInput;
      readonly bestEffort: boolean;
      readonly force: boolean;
    },
    call: Call,
  ): Promise<{
    readonly seriesId: string;
    readonly bookings: readonly Booking[];
    readonly conflicts: readonly Shortfall[];
  }>;
  updateBooking(
    input: {
      readonly id: string;
      readonly etag: string;
      readonly patch: Patch<BookingInput>;
      readonly scope: Scope;
      readonly force: boolean;
    },
    call: Call,
  ): Promise<{ readonly booking: Booking; readonly changed: number }>;
  cancelBooking(
    input: { readonly id: string; readonly etag: string; readonly reason: string; readonly scope: Scope },
    call: Call,
  ): Promise<{ readonly booking: Booking; readonly changed: number }>;
  confirmHold(input: { readonly id: string; readonly etag: string }, call: Call): Promise<Booking>;
  checkIn(input: { readonly id: string }, call: Call): Promise<Booking>;
  getBooking(id: string): Promise<Booking>;
  listBookings(filter: BookingFilter, page: PageInput): Promise<FoundPage<Booking>>;
  listConflicts(
    filter: ConflictFilter,
    page: PageInput,
  ): Promise<FoundPage<{ readonly booking: Booking; readonly shortfall: Shortfall | undefined }>>;
  /** What each span of each booking takes now, or at its start if that is to come: of a share the floor of share × size. */
  taken(bookings: readonly Booking[]): Promise<readonly (readonly Amounts[])[]>;
  getAvailability(input: AvailabilityInput): Promise<AvailabilityAnswer>;
  findFits(
    input: {
      readonly booking: BookingInput;
      readonly durationMs: number;
      readonly window: RangeInput;
      readonly count: number;
    },
    call: Call,
  ): Promise<readonly FitAnswer[]>;
  simulate(input: SimulationInput, call: Call): Promise<SimulationAnswer>;
  /** Ends when the signal aborts. Level-triggered: of changes in quick succession the last. */
  watch(input: WatchInput, signal: AbortSignal): AsyncGenerator<WatchNews, void, undefined>;
}

/** What the transport calls for the RPCs of CapacityService; errors are BerthErrors. */
export interface CapacityUses {
  createCluster(input: ClusterInput & { readonly whenFull: 'refuse' | 'wait' }, call: Call): Promise<Cluster>;
  getCluster(name: string): Promise<Cluster>;
  /** `closed`: also those that are closed. Empty texts = any. */
  listClusters(
    filter: { readonly parent: string; readonly owner: string; readonly closed: boolean },
    page: PageInput,
  ): Promise<FoundPage<Cluster>>;
  updateCluster(
    input: { readonly name: string; readonly etag: string; readonly patch: Patch<ClusterInput> },
    call: Call,
  ): Promise<Cluster>;
  deleteCluster(
    input: { readonly name: string; readonly etag: string; readonly force: boolean },
    call: Call,
  ): Promise<Cluster>;
  resizeCluster(input: ResizeInput, call: Call): Promise<Cluster>;
  /** Whether each can be booked on: by its booking on the parent. */
  clusterStates(clusters: readonly Cluster[]): Promise<readonly ('OPEN' | 'PROVISIONAL' | 'CLOSED')[]>;
  /** Change points, or blocks by their worst instant when there is a grid. */
  listSizes(input: {
    readonly name: string;
    readonly range?: RangeInput | undefined;
    readonly grid?: GridInput | undefined;
  }): Promise<readonly (Size & { readonly partial: boolean })[]>;
  createGrant(input: GrantInput, call: Call): Promise<Grant>;
  getGrant(id: string): Promise<Grant>;
  listGrants(
    filter: { readonly cluster: string; readonly range?: RangeInput | undefined; readonly deleted: boolean },
    page: PageInput,
  ): Promise<FoundPage<Grant>>;
  updateGrant(
    input: { readonly id: string; readonly etag: string; readonly patch: Patch<GrantInput>; readonly force: boolean },
    call: Call,
  ): Promise<Grant>;
  deleteGrant(
    input: { readonly id: string; readonly etag: string; readonly force: boolean },
    call: Call,
  ): Promise<Grant>;
  createTemplate(
    input: { readonly name: string; readonly amounts: Readonly<Record<string, number>>; readonly description: string },
    call: Call,
  ): Promise<Template>;
  listTemplates(
    filter: { readonly name: string; readonly hidden: boolean },
    page: PageInput,
  ): Promise<FoundPage<Template>>;
  hideTemplate(input: { readonly name: string; readonly version: number }, call: Call): Promise<Template>;
}
