import type { Berth } from '@berth/client';
import { inChunks } from '@berth/documents';
import type { LookedUp, ParentCheck } from '../ports/parent-check.js';

/** What allocations name as their parent when a booking keeps them alive: `booking/<id>`. */
const BOOKING = /^booking\/([^/]+)$/;
const CALL = { timeoutMs: 10_000, retry: false };

/** Asks the booking service which bookings are not over. `connected` gives a client of that. */
export function bookingParents(connected: () => Promise<Berth>): ParentCheck {
  return {
    look: async (parents): Promise<LookedUp> => {
      const ids = parents.flatMap((parent) => BOOKING.exec(parent)?.[1] ?? []);
      const gone = new Set(ids);
      if (ids.length > 0) {
        const { bookings: service } = await connected();
        for (const chunk of inChunks(ids)) {
          const request = { ids: [...chunk], pageSize: chunk.length };
          for (let pageToken = ''; ;) {
            // The list begins after the parents were read: a booking that is not in it is over, or never was.
            const { bookings, nextPageToken } = await service.listBookings({ ...request, pageToken }, CALL);
            for (const { id } of bookings) gone.delete(id);
            if (nextPageToken === '') break;
            pageToken = nextPageToken;
          }
        }
      }
      return { gone: new Set([...gone].map((id) => `booking/${id}`)), unknown: new Set() };
    },
  };
}
