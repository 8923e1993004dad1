import { BerthError } from '@berth/kernel';
import { isWaiting } from '../model/booking.js';
import type { SnapshotItem } from '../model/ledger.js';
import { endedBefore, RootState } from './root-state.js';

/**
 * The state as plain data, item by item, so that it can be cut anywhere. The head comes first. What ended before `keepFromMs` is left
 * out. The state must not change meanwhile, but the items refer to objects that never change.
 */
export function* snapshotOf(state: RootState, keepFromMs: number): Generator<SnapshotItem> {
  const { root, sequence, atMs, made } = state;
  yield { kind: 'head', version: 1, root, sequence, atMs, made, keptFromMs: keepFromMs };
  for (const cluster of state.clusters.values()) {
    const endMs = Math.min(cluster.endMs ?? Infinity, cluster.deletedMs ?? Infinity);
    if (cluster.parent === undefined || endMs > keepFromMs) yield { kind: 'cluster', cluster };
  }
  for (const grant of state.grants.values()) {
    if (Math.min(grant.endMs, grant.deletedMs ?? Infinity) > keepFromMs) yield { kind: 'grant', grant };
  }
  const kept = new Set<string>();
  for (const booking of state.bookings.values()) {
    if (endedBefore(booking, keepFromMs) && !isWaiting(booking)) continue;
    kept.add(booking.id);
    yield { kind: 'booking', booking };
  }
  for (const versions of state.templates.values())
    for (const template of versions) yield { kind: 'template', template };
  for (const series of state.series.values())
    if (series.bookings.some((id) => kept.has(id))) yield { kind: 'series', series };
  for (const answer of state.answers.values()) yield { kind: 'answer', answer };
}

/** The state of a snapshot. Throws INTERNAL when its head is missing or of another version. */
export function restoreRoot(items: Iterable<SnapshotItem>): RootState {
  let state: RootState | undefined;
  for (const item of items) {
    if (item.kind === 'head') {
      // Read back: another version of Berth may have written it.
      if ((item.version as number) !== 1)
        throw new BerthError('INTERNAL', `snapshot version ${String(item.version)} is unknown`);
      state = new RootState(item.root);
      state.sequence = item.sequence;
      state.atMs = item.atMs;
      state.made = item.made;
      state.keptFromMs = item.keptFromMs;
    } else if (state === undefined) {
      throw new BerthError('INTERNAL', 'a snapshot begins with its head');
    } else if (item.kind === 'answer') {
      state.answers.set(item.answer.id, item.answer);
    } else state.put(item);
  }
  if (state === undefined) throw new BerthError('INTERNAL', 'a snapshot is empty');
  return state;
}
