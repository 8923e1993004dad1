import type { Clock, Failpoint, Logger } from '@berth/kernel';
import type { BookingLimits } from '../domain/model/commands.js';
import type { Calendar } from '../domain/time/calendar.js';
import type { ListCollections } from '../ports/collections.js';
import type { LabClient } from '../ports/lab-client.js';
import type { Ledgers } from '../ports/ledger.js';
import { LabSteps } from './labs/lab-steps.js';
import { ListWriter } from './lists/list-writer.js';
import { Roots } from './roots/roots.js';

export interface BookingSettings {
  readonly keepMs: number;
  readonly snapshotEveryEntries: number;
  readonly compareMs: number;
  readonly benchReleaseMs: number;
  readonly noticeMs: number;
  /** By role; a role that is not there has none. */
  readonly limits: ReadonlyMap<string, BookingLimits>;
}

/** What the use cases work with. */
export interface BookingContext {
  readonly roots: Roots;
  readonly ledgers: Ledgers;
  readonly lists: ListCollections;
  readonly listWriter: ListWriter;
  readonly labs: LabClient;
  readonly steps: LabSteps;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly settings: BookingSettings;
}

/** A context from what differs between a server and a test. */
export function contextOf(parts: Omit<BookingContext, 'roots' | 'listWriter' | 'steps'>): BookingContext {
  const { ledgers, lists, labs, clock, logger, failpoint } = parts;
  return {
    roots: new Roots({ ledgers, clock, logger, failpoint }),
    listWriter: new ListWriter(lists, ledgers),
    steps: new LabSteps(labs),
    ...parts,
  };
}
