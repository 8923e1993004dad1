import { pages } from '@berth/documents';
import { pause } from '@berth/kernel';
import type { Office, ReconcileContext } from './reconcile-context.js';

const PERIOD_MS = 3_600_000;
const PAGE = 500;

/** Removes resources that ended long ago, and logs that are as old, now and then until the end of the office. */
export async function retain({ context, signal }: Office): Promise<void> {
  while (!signal.aborted) {
    await forgetOld(context, signal);
    await pause(context.clock, PERIOD_MS, signal);
  }
}

async function forgetOld(context: ReconcileContext, signal: AbortSignal): Promise<void> {
  const { collections, clock, keepMs, requestIdTtlMs, logs } = context;
  const untilMs = clock.now() - keepMs;
  const where = { state: 'ENDED', endMs: { until: untilMs } };
  for await (const page of pages(collections.resources, { where, orderBy: { field: 'endMs' }, limit: PAGE })) {
    for (const { value, revision } of page) {
      // One that the tracker knows too little of is kept until it does.
      if (value.untold === undefined) await collections.resources.remove(value.id, revision);
    }
    if (signal.aborted) return;
  }
  await logs.forget(untilMs, signal);
  const made = { timeMs: { until: clock.now() - requestIdTtlMs } };
  for await (const page of pages(collections.deletions, { where: made, orderBy: { field: 'timeMs' }, limit: PAGE })) {
    for (const { value, revision } of page) await collections.deletions.remove(value.id, revision);
  }
}
