import { bookOnTimeline, yearByHour } from './booking-availability.js';
import { admitBookings, fillEnded, insertEntries, replayLedger } from './booking-ledger.js';
import { runCancels } from './cancels.js';
import { joinCrowd } from './crowd.js';
import { runEcho } from './echo.js';
import { insertDocuments } from './engine-inserts.js';
import { runHandOffs } from './hand-offs.js';
import { holdWithChildren } from './held-leases.js';
import { runHttpCalls } from './http-calls.js';
import { runHttpEcho, runHttpLocks } from './http-locks.js';
import { passOn, queueTickets, runTickets, spawnCommands, timeTickets } from './pool-calls.js';
import { joinShutOut, reserveBenches } from './reservations.js';
import { runCycles } from './run-cycles.js';
import { askTracker, lastSweep, registerIntents } from './tracker-calls.js';
import { fillTracker } from './tracker-fill.js';
import { runXmlRpcEcho, runXmlRpcPassOn } from './xmlrpc-tickets.js';
import { awaitWatchers, makeChange, openWatchers } from './watchers.js';

/** What a load process can be told to do. */
export const JOBS = {
  cancels: runCancels,
  cycles: runCycles,
  echo: runEcho,
  handOffs: runHandOffs,
  httpCalls: runHttpCalls,
  httpEcho: runHttpEcho,
  httpLocks: runHttpLocks,
  joinCrowd,
  joinShutOut,
  reserveBenches,
  openWatchers,
  awaitWatchers,
  makeChange,
  registerIntents,
  insertDocuments,
  fillTracker,
  askTracker,
  admitBookings,
  bookOnTimeline,
  fillEnded,
  insertEntries,
  replayLedger,
  yearByHour,
  holdWithChildren,
  lastSweep,
  passOn,
  queueTickets,
  runTickets,
  spawnCommands,
  timeTickets,
  xmlRpcEcho: runXmlRpcEcho,
  xmlRpcPassOn: runXmlRpcPassOn,
};

export type Jobs = typeof JOBS;

/** What goes to a load process, and what comes back. */
export interface JobMessage {
  readonly id: number;
  readonly name: keyof Jobs;
  readonly argument: unknown;
}

export type JobAnswer =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };
