import { BerthError } from '@berth/kernel';
import type { Deed, Kind, RecordBody } from '../../domain/records/index.js';
import { deletedBody, nextBody, parseAddress } from '../../domain/records/index.js';
import type { RecordDocument, Stored } from '../../ports/record-collections.js';
import { changeRecords } from './change-records.js';
import { recordToChange } from './find-record.js';
import type { RecordContext } from './record-context.js';
import { noSuchRecord } from './record-errors.js';

/**
 * Gives claimed records back, all or none; those that nobody claimed stay as they are. An address that was claimed from a
 * range is deleted, and can be claimed again at once. With an owner, one that somebody else has claimed is RECORD_CLAIMED.
 * Answers how many were claimed. Throws NO_SUCH_RECORD.
 */
export async function releaseRecords(
  ctx: RecordContext,
  kind: Kind,
  names: readonly string[],
  owner: string,
  deed: Deed,
): Promise<number> {
  const changes = await changeRecords(ctx, deed, `records of ${kind.name}`, async () => {
    const claimed = await claimedOnes(ctx, kind, names, owner);
    const released = ({ body }: RecordDocument): RecordBody => releasedBody(ctx, body, deed.nowMs);
    return { records: claimed.map((stored) => ({ stored, ...stored.value, body: released(stored.value) })) };
  });
  for (const { before } of changes) {
    const address = parseAddress(String(before?.fields['address'] ?? ''));
    if (address !== undefined) ctx.rangeHints.released(address);
  }
  return changes.length;
}

async function claimedOnes(
  ctx: RecordContext,
  kind: Kind,
  names: readonly string[],
  owner: string,
): Promise<readonly Stored<RecordDocument>[]> {
  const distinct = [...new Set(names)];
  const found = await Promise.all(
    distinct.map(async (name) => ({ name, stored: await recordToChange(ctx, kind, name) })),
  );
  const byId = new Map(found.map((one) => [one.stored.value.id, one]));
  return [...byId.values()].flatMap(({ stored, name }) => {
    const { id, body } = stored.value;
    if (body.deletedMs !== undefined) throw noSuchRecord(kind, name);
    if (body.claim === undefined) return [];
    if (owner !== '' && body.claim.owner !== owner) throw claimedByAnother(id, body.claim.owner, owner);
    return [stored];
  });
}

function releasedBody({ requestIdTtlMs }: RecordContext, body: RecordBody, nowMs: number): RecordBody {
  // Kept for as long as requests are remembered, only so that nothing else gets its id.
  return body.rangeId === undefined
    ? nextBody(body, { claim: undefined }, nowMs)
    : deletedBody(body, nowMs, requestIdTtlMs);
}

function claimedByAnother(id: string, owner: string, wanted: string): BerthError {
  return new BerthError(
    'RECORD_CLAIMED',
    `the record ${id} is claimed by ${owner}, not by ${wanted}; nothing was released.`,
    {
      resource: { type: 'record', name: id, owner },
      preconditions: [{ type: 'CLAIMED_BY_OWNER', subject: id, description: `claimed by ${owner}` }],
    },
  );
}
