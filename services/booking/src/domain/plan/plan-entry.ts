import { BerthError, requestIdReused } from '@berth/kernel';
import type { Answer, Command } from '../model/commands.js';
import type { Change, Done, Entry, StoredAnswer } from '../model/ledger.js';
import type { RootState } from '../state/root-state.js';
import { planCancelBooking, planUpdateBookings } from './change-bookings.js';
import { planDeleteCluster, planResizeCluster, planUpdateCluster } from './change-clusters.js';
import { planCreateCluster } from './clusters.js';
import { planCreateBooking, planCreateSeries } from './create-booking.js';
import { Draft } from './draft.js';
import { planCreateGrant, planDeleteGrant, planInventory, planUpdateGrant } from './grants.js';
import { planCheckIn, planConfirmHold } from './holds.js';
import { planBenchLost, planSettle } from './lab.js';
import { passTime } from './pass-time.js';
import { followMoves } from './room.js';
import { planCreateTemplate, planHideTemplate } from './templates.js';

/** How many rows an entry has; a command is planned whole, so the last one may go beyond. */
const MOST_ROWS = 1000;

/** A plan: it is in the state until it is kept or dropped, and nothing else may be planned or applied meanwhile. */
export interface EntryPlan {
  /** The entry to append; absent when there is nothing to store. */
  readonly entry?: Entry;
  /** Of the first `taken` commands, in their order. */
  readonly answers: readonly Answer[];
  /** How many commands were planned; the entry has no room for the others, perhaps for none. They come first in the next one. */
  readonly taken: number;
  /** The entry is in the ledger: the state is as after it. */
  keep(): void;
  /** It is not, or there is none: the state is as before. */
  drop(): void;
}

/**
 * Plans one entry: first what time brings until now, then the commands in their order, each on what those before it leave. A
 * refused one changes nothing. `nowMs` counts from the last entry's instant on: time never goes back.
 */
export function planEntry(state: RootState, commands: readonly Command[], nowMs: number): EntryPlan {
  const atMs = Math.max(state.atMs, nowMs);
  state.beginDraft();
  try {
    const draft = new Draft(state, atMs);
    const stored: StoredAnswer[] = [];
    const answers: Answer[] = [];
    // Nothing is planned while something is overdue: what that frees would be refused.
    for (const command of passTime(draft, MOST_ROWS) ? commands : []) {
      if (draft.changes.length >= MOST_ROWS) break;
      answers.push(planOne(draft, command, stored));
    }
    const sequence = state.sequence + 1;
    const changes = lastOfEach(draft.changes);
    const { notices } = draft;
    const some = changes.length > 0 || stored.length > 0 || notices.length > 0;
    return {
      ...(some && { entry: { sequence, atMs, changes, notices, answers: stored } }),
      answers,
      taken: answers.length,
      keep: () => {
        if (some) state.settleAt(sequence, atMs);
        state.endDraft(true);
      },
      drop: () => state.endDraft(false),
    };
  } catch (error) {
    state.endDraft(false);
    throw error;
  }
}

/** Runs commands as if they were given now, lets `read` look at what they would leave, and takes all of it back. */
export function simulate<A>(
  state: RootState,
  commands: readonly Command[],
  nowMs: number,
  read: (state: RootState, answers: readonly Answer[], changes: readonly Change[]) => A,
): A {
  const plan = planEntry(state, commands, nowMs);
  try {
    return read(state, plan.answers, plan.entry?.changes ?? []);
  } finally {
    plan.drop();
  }
}

function planOne(draft: Draft, command: Command, stored: StoredAnswer[]): Answer {
  const { state, nowMs } = draft;
  const { id, fingerprint } = command.key;
  const before = id === '' ? undefined : state.answers.get(id);
  if (before !== undefined) {
    return before.fingerprint === fingerprint
      ? { done: before.done, repeated: true }
      : { refused: requestIdReused(id) };
  }
  try {
    const done = draft.attempt(() => {
      const mark = state.mark();
      draft.roomIn.clear();
      const made = carryOut(draft, command);
      followMoves(draft, state.movesSince(mark));
      return made;
    });
    if (id !== '') {
      const answer = { id, fingerprint, done, atMs: nowMs };
      state.putAnswer(answer);
      stored.push(answer);
    }
    return { done, repeated: false };
  } catch (error) {
    if (error instanceof BerthError) return { refused: error };
    throw error;
  }
}

function carryOut(draft: Draft, command: Command): Done {
  switch (command.kind) {
    case 'createBooking':
      return planCreateBooking(draft, command);
    case 'createSeries':
      return planCreateSeries(draft, command);
    case 'updateBookings':
      return planUpdateBookings(draft, command);
    case 'cancelBooking':
      return planCancelBooking(draft, command);
    case 'confirmHold':
      return planConfirmHold(draft, command);
    case 'checkIn':
      return planCheckIn(draft, command);
    case 'settle':
      return planSettle(draft, command);
    case 'benchLost':
      return planBenchLost(draft, command);
    case 'inventory':
      return planInventory(draft, command);
    case 'createGrant':
      return planCreateGrant(draft, command);
    case 'updateGrant':
      return planUpdateGrant(draft, command);
    case 'deleteGrant':
      return planDeleteGrant(draft, command);
    case 'createCluster':
      return planCreateCluster(draft, command);
    case 'updateCluster':
      return planUpdateCluster(draft, command);
    case 'resizeCluster':
      return planResizeCluster(draft, command);
    case 'deleteCluster':
      return planDeleteCluster(draft, command);
    case 'createTemplate':
      return planCreateTemplate(draft, command);
    case 'hideTemplate':
      return planHideTemplate(draft, command);
  }
}

/** The last version of each object, in the order in which they were put last. */
function lastOfEach(changes: readonly Change[]): readonly Change[] {
  if (changes.length < 2) return [...changes];
  const last = new Map<string, Change>();
  for (const change of changes) {
    const key = keyOf(change);
    last.delete(key);
    last.set(key, change);
  }
  return [...last.values()];
}

/** An object of the state, by kind and id. */
function keyOf(change: Change): string {
  switch (change.kind) {
    case 'booking':
      return `booking ${change.booking.id}`;
    case 'cluster':
      return `cluster ${change.cluster.name}`;
    case 'grant':
      return `grant ${change.grant.id}`;
    case 'template':
      return `template ${change.template.name}@${String(change.template.version)}`;
    case 'series':
      return `series ${change.series.id}`;
  }
}
