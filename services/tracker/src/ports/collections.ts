import type { EarlierAnswer } from '@berth/documents';
import type { Answered, KeepsAnswers } from '@berth/kernel';
import type { Collection } from '@berth/storage';
import type { Allocation, CollectionPlan, Group, Leak } from '../domain/index.js';

export type { Collection, Document, Found, HeldLock, Locks, Stored, Where } from '@berth/storage';

/** What a provider told last about one kind. */
export interface Report extends KeepsAnswers {
  readonly id: string;
  readonly kind: string;
  readonly provider: string;
  readonly timeMs: number;
  readonly answered: readonly ReportAnswer[];
}

export interface ReportAnswer extends Answered {
  readonly known: number;
  readonly unknown: number;
  readonly missing: number;
}

/** When something was done last, for all replicas. */
export interface Mark {
  readonly id: string;
  readonly timeMs: number;
}

/** The tracker's documents. */
export interface TrackerCollections {
  readonly allocations: Collection<Allocation>;
  readonly groups: Collection<Group>;
  readonly leaks: Collection<Leak>;
  readonly earlierAnswers: Collection<EarlierAnswer<'allocationId'>>;
  readonly plans: Collection<CollectionPlan>;
  readonly reports: Collection<Report>;
  readonly marks: Collection<Mark>;
}
