import { pages } from '@berth/documents';
import type { TicketContext } from './ticket-context.js';

const PAGE = 500;

/** Removes tickets that were closed, or have failed, for long enough. What is not given back yet stays. */
export async function forgetTickets(
  { tickets, clock, settings, logger }: Pick<TicketContext, 'tickets' | 'clock' | 'settings' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = clock.now() - Math.max(settings.keepMs, settings.requestIdTtlMs);
  let forgotten = 0;
  for (const state of ['CLOSED', 'FAILED']) {
    const query = { where: { state, endMs: { until: untilMs } }, orderBy: { field: 'endMs' }, limit: PAGE };
    for await (const page of pages(tickets, query)) {
      for (const { value, revision } of page) {
        if (signal.aborted) return;
        if (value.untidyLab === undefined && (await tickets.remove(value.id, revision)) === 'removed') forgotten += 1;
      }
    }
  }
  if (forgotten > 0) logger.info({ tickets: forgotten }, 'tickets that ended long ago are forgotten');
}
