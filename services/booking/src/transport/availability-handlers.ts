import { GetAvailabilityRequest, SimulateResponse } from '@berth/proto/berth/booking/v1/availability';
import { BookingState, Conflict, NoticeKind } from '@berth/proto/berth/booking/v1/booking';
import type { BookingServiceDefinition, WatchResponse } from '@berth/proto/berth/booking/v1/booking_service';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { isOperator, itemBytes, parseRequest, requireRole, storePage, writeLiving } from '@berth/server';
import type { WatchNews } from '../app/booking-app.js';
import { availabilityPage, blockOf, blockPage } from './availability-to-proto.js';
import { tellBookings } from './booking-handlers.js';
import { shortfallOf } from './booking-to-proto.js';
import type { HandlerContext } from './calls.js';
import { questionOf, whole } from './calls.js';
import { parseAvailability, parseConflictFilter, parseFindFits, parseSimulation, parseWatch } from './parse-queries.js';
import { intervalOf } from './values-to-proto.js';

export type AvailabilityHandlers = Pick<
  ServiceImplementation<BookingServiceDefinition>,
  'getAvailability' | 'findFits' | 'simulate' | 'listConflicts' | 'watch'
>;

const conflictBytes = itemBytes(Conflict);
const MOST_IDS = 1000;
const EVERYBODY = '*';
const SIGN_OF_LIFE: WatchResponse = { block: undefined, notice: undefined, revision: 0 };

/** The methods of BookingService that tell what is left, and what is in the way. */
export function availabilityHandlers(context: () => HandlerContext): AvailabilityHandlers {
  return {
    async getAvailability(request) {
      const input = parseRequest(request, (faults) => parseAvailability(request, '', faults));
      const scope = ['GetAvailability', scopeOf(request)];
      const page = blockPage(request, scope);
      return availabilityPage(await context().uses.getAvailability({ ...whole(input), page }), page, scope);
    },

    async findFits(request, call) {
      const input = parseRequest(request, (faults) => parseFindFits(request, faults));
      const fits = await context().uses.findFits(whole(input), questionOf(call));
      return {
        fits: fits.map(({ startMs, endMs, latestStartMs, benches }) => ({
          interval: intervalOf({ startMs, endMs }),
          latestStartTime: new Date(latestStartMs),
          benches: [...benches],
        })),
      };
    },

    async simulate(request, call) {
      const { availability: asked, ...input } = parseRequest(request, (faults) => parseSimulation(request, faults));
      const scope = ['Simulate', request.availability && scopeOf(request.availability)];
      const page = blockPage(request.availability ?? { pageSize: 0, pageToken: '' }, scope);
      const simulation = { ...input, availability: asked && { ...asked, page } };
      const answer = await context().uses.simulate(simulation, questionOf(call));
      const { bookings, degraded, promoted, availability } = answer;
      return SimulateResponse.fromPartial({
        bookings: bookings.map(({ state, shortfall }) => ({
          state: state === undefined ? BookingState.UNSPECIFIED : BookingState[state],
          shortfall: shortfall && shortfallOf(shortfall),
        })),
        degraded: degraded.slice(0, MOST_IDS),
        promoted: promoted.slice(0, MOST_IDS),
        availability: availability && availabilityPage(availability, page, scope),
      });
    },

    async listConflicts(request) {
      const filter = parseRequest(request, (faults) => parseConflictFilter(request, faults));
      const { messages, nextPageToken } = await storePage(request, {
        read: async (limit, after) => {
          const { documents, next } = await context().uses.listConflicts(filter, { limit, after });
          const told = await tellBookings(
            context(),
            documents.map(({ booking }) => booking),
          );
          return {
            documents: documents.map(({ shortfall }, i): Conflict => {
              return { booking: told[i], shortfall: shortfall && shortfallOf(shortfall) };
            }),
            next,
          };
        },
        message: (conflict: Conflict) => conflict,
        bytes: conflictBytes,
        scope: ['ListConflicts', filter],
      });
      return { conflicts: messages, nextPageToken };
    },

    async watch(request, call, out) {
      const input = parseRequest(request, (faults) => parseWatch(request, faults));
      requireOwnNotices(input.noticesOf, call);
      const ctx = context();
      async function* news(signal: AbortSignal): AsyncGenerator<WatchResponse, void, undefined> {
        for await (const one of ctx.uses.watch(input, signal)) yield* responsesOf(one, ctx);
      }
      await writeLiving(call, out, { clock: ctx.clock, messages: news, signOfLife: SIGN_OF_LIFE });
    },
  };
}

/** What of a request a page token is bound to. */
function scopeOf(request: GetAvailabilityRequest): unknown {
  const bytes = GetAvailabilityRequest.encode({ ...request, pageSize: 0, pageToken: '' }).finish();
  return Buffer.from(bytes).toString('base64');
}

/** Throws PERMISSION_DENIED when a user asks for notices of others. */
function requireOwnNotices(owners: readonly string[], call: CallContext): void {
  if (isOperator(call) || owners.every((owner) => owner === call.caller.name)) return;
  const others = owners.includes(EVERYBODY) ? 'everybody' : 'others';
  requireRole(call, 'operator', `watch notices of ${others}`);
}

async function* responsesOf(news: WatchNews, context: HandlerContext): AsyncGenerator<WatchResponse, void, undefined> {
  const { revision } = news;
  if ('answer' in news) {
    for (const place of news.changed) yield { block: blockOf(news.answer, place), notice: undefined, revision };
    return;
  }
  const { kind, text } = news.notice;
  const [booking] = await tellBookings(context, [news.booking]);
  const time = new Date(news.booking.updatedMs);
  yield { block: undefined, notice: { booking, kind: NoticeKind[kind], time, text }, revision };
}
