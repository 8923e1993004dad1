import { isFirm } from '../model/booking.js';
import type { RootState } from '../state/root-state.js';

/** Whether what is booked on a cluster may be firm: its own booking is, and those above it. */
export function isOpen(state: RootState, name: string): boolean {
  for (let cluster = state.clusters.get(name); cluster !== undefined; cluster = state.clusters.get(cluster.parent)) {
    if (cluster.deletedMs !== undefined) return false;
    if (cluster.parent === undefined) return true;
    const booking = state.bookings.get(cluster.booking ?? '');
    if (booking === undefined || !isFirm(booking)) return false;
  }
  return false;
}
