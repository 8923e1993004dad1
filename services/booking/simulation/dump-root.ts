import { FOREVER_MS } from '../src/domain/model/cluster.js';
import type { RootState } from '../src/domain/state/root-state.js';

/** All of a state as text that is equal for equal states; `sinceMs` leaves out what timelines say before. */
export function dumpRoot(state: RootState, sinceMs = -FOREVER_MS): string {
  const timelines = [...state.clusters.keys()].sort().map((name) => {
    const timeline = state.timeline(name);
    return [name, timeline.names().map((amount) => [amount, timeline.pieces(amount, sinceMs, FOREVER_MS)])];
  });
  const { root, sequence, atMs, made } = state;
  const maps = [state.bookings, state.clusters, state.grants, state.templates, state.series, state.answers];
  const sets = [state.waiting, state.held, state.degraded, state.atLab].map((set) => [...set].sort());
  const due = state.nextDueMs() ?? null;
  return JSON.stringify({ root, sequence, atMs, made, due, timelines, sets, maps: maps.map(sorted) }, keysSorted);
}

function sorted(map: ReadonlyMap<string, unknown>): readonly unknown[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

function keysSorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
