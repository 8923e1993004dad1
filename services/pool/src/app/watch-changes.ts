import type { Changes } from '@berth/documents';
import type { Resource } from '../domain/resource.js';
import type { Ticket } from '../domain/tickets/index.js';

/** Something that changed, as it is now. */
export type Changed = { readonly resource: Resource } | { readonly ticket: Ticket };

/**
 * Resources, and tickets where these are wanted, as they change: those that changed since `fromMs` (absent: now), then what
 * changes, until the signal aborts. Throws STORE_UNAVAILABLE.
 */
export async function* watchChanges(
  resources: Changes<Resource>,
  tickets: Changes<Ticket> | undefined,
  fromMs: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Changed, void, undefined> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const pending = new Map<AsyncIterator<Changed>, Promise<Next>>();
  const streams = [resourcesOf(resources, fromMs, both), ...(tickets ? [ticketsOf(tickets, fromMs, both)] : [])];
  for (const stream of streams) pending.set(stream, nextOf(stream));
  try {
    while (pending.size > 0) {
      const { stream, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(stream);
        continue;
      }
      pending.set(stream, nextOf(stream));
      yield result.value;
    }
  } finally {
    over.abort();
    await Promise.allSettled(pending.values());
  }
}

interface Next {
  readonly stream: AsyncIterator<Changed>;
  readonly result: IteratorResult<Changed>;
}

async function nextOf(stream: AsyncIterator<Changed>): Promise<Next> {
  return { stream, result: await stream.next() };
}

async function* resourcesOf(
  changes: Changes<Resource>,
  fromMs: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Changed, void, undefined> {
  for await (const { value: resource } of changes.watch(fromMs, signal)) yield { resource };
}

async function* ticketsOf(
  changes: Changes<Ticket>,
  fromMs: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Changed, void, undefined> {
  for await (const { value: ticket } of changes.watch(fromMs, signal)) yield { ticket };
}
