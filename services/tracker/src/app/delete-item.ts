import { carryOutOne } from '@berth/documents';
import type { Allocation } from '../domain/index.js';
import { deleted, deleteFailed, deleting, isLive, leakOf } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { Collecting, Outcome } from './collecting.js';
import { changed, environmentOf, unqualified } from './collecting.js';
import { optionsOf } from './command-allocations.js';

/** The time between the end of a command and the note of what became of it. */
const NOTE_MS = 30_000;
const NO_KEY = { id: '', fingerprint: '' };

/**
 * Deletes an allocation by the kind's command; without one its end is recorded, where the kind allows that.
 *
 * A command cannot be taken back, so it is claimed first, by a write that names the etag of the plan: until the claim ends
 * nobody else collects the allocation and its owner cannot keep it any more, and who was faster has made the etag stale.
 * Claimed by A, which is paused before it starts the command, the allocation is nobody's once the claim has ended: B may
 * have deleted it, or its owner extended it. Therefore A looks, last thing before it starts the command, whether its lock is
 * held and the command would end within the claim. A pause in the few microseconds after that look cannot be noticed: a
 * command that must not run twice has to compare BERTH_IDEMPOTENCY_KEY with what it did before.
 *
 * A that dies leaves the claim. When it has ended, the allocation is listed (L7) and may be collected again by a new plan,
 * with the same key; this plan does not run the command again.
 */
export async function deleteItem(collecting: Collecting, stored: Stored<Allocation>): Promise<Outcome> {
  const { context, item, collector } = collecting;
  const { clock, failpoint } = context;
  const { value } = stored;
  const nowMs = clock.now();
  if (collector.delete === undefined) {
    const gone = collector.releaseWithoutCommand ? deleted(value, item.rule, nowMs) : undefined;
    return gone === undefined ? unqualified('its kind has no command to delete it') : collecting.replaced(stored, gone);
  }
  const untilMs = nowMs + collector.timeoutMs + NOTE_MS;
  const claim = await collecting.written(stored.revision, deleting(value, untilMs, nowMs));
  if (claim === undefined) return changed();
  await failpoint('tracker.deleteBegun');
  if (!collecting.holdsLock() || clock.now() > untilMs - collector.timeoutMs) {
    // Not begun, so nobody has to find out. Who has written it meanwhile has the last word.
    await context.collections.allocations.replace(value, claim);
    collecting.requireLock();
    return unqualified('it took too long to begin');
  }
  const { ok, message } = await collecting.run(collector.delete, environmentOf(value, item));
  await failpoint('tracker.deleteRan');
  const left = await noteEnd(collecting, ok, message);
  if (ok) return { outcome: 'DONE', message: '' };
  // Listed at once, not only after the next sweep (which finds it there, or adds it if this process dies here).
  if (isLive(left)) await context.collections.leaks.insert([leakOf('L7', left, clock.now())]);
  return { outcome: 'FAILED', message };
}

/** Notes what became of it, whatever else happened to it while the command ran. */
async function noteEnd({ context, item }: Collecting, ok: boolean, message: string): Promise<Allocation> {
  const nowMs = context.clock.now();
  const plan = ({ value }: Stored<Allocation>): Allocation | undefined =>
    ok ? deleted(value, item.rule, nowMs) : deleteFailed(value, message, nowMs);
  const command = { id: item.allocationId, key: NO_KEY, plan };
  return (await carryOutOne(context.collections.allocations, command, optionsOf(context, nowMs))).value;
}
