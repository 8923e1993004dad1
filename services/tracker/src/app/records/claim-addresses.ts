import { BerthError, randomId } from '@berth/kernel';
import type { AddressRange, Deed, Kind, RecordBody } from '../../domain/records/index.js';
import {
  formatAddress,
  freeAddresses,
  newBody,
  parseAddressRange,
  rangeFrom,
  usableRange,
} from '../../domain/records/index.js';
import type { RecordWrite } from './change-records.js';
import { changeRecords } from './change-records.js';
import { notEnoughFree } from './claim-records.js';
import { recordToChange } from './find-record.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { createdOrder } from './record-document.js';
import { noSuchRecord } from './record-errors.js';
import { usedAddresses } from './used-addresses.js';

interface Claiming {
  readonly rangeId: string;
  readonly range: AddressRange;
  readonly kind: Kind;
}

/**
 * Claims the next free addresses of a range: as many as are wanted, or (NOT_ENOUGH_FREE) none. An address is taken by adding
 * its record, whose address must be unique among all kinds of addresses: so no two claims get the same, and addresses that
 * were added by hand, or belong to another range that overlaps, are respected without any book-keeping in the range.
 *
 * The range must not be deleted meanwhile, nor while its claimed addresses are looked for (see checkNoneClaimed). So a claim
 * writes the range too, as it is: of a claim and a deletion that have both read it one is refused, and looks again.
 */
export async function claimAddresses(
  ctx: RecordContext,
  ranges: Kind,
  name: string,
  { count, owner }: { readonly count: number; readonly owner: string },
  deed: Deed,
): Promise<readonly SeenRecord[]> {
  const changes = await changeRecords(ctx, deed, `the addresses of ${name}`, async () => {
    const basis = await recordToChange(ctx, ranges, name);
    if (basis.value.body.deletedMs !== undefined) throw noSuchRecord(ranges, name);
    const claiming = claimFrom(ctx, basis.value.id, basis.value.body);
    const free = await findFree(ctx, claiming, count);
    if (free.length < count) {
      throw notEnoughFree(`${claiming.kind.name} in ${formatRange(claiming.range)}`, count, free.length);
    }
    return { basis, records: free.map((value, index) => addedAddress(claiming, owner, deed, value, index)) };
  });
  return changes.map(({ recordId, kind, after }) => ({ id: recordId, kind, body: after }));
}

function claimFrom(ctx: RecordContext, rangeId: string, { fields }: RecordBody): Claiming {
  const parsed = parseAddressRange(String(fields['range']));
  const kind = ctx.kinds.named(String(fields['kind'] ?? 'private-addresses'));
  if ('fault' in parsed) throw new BerthError('INTERNAL', `the record ${rangeId} has no range that can be read`);
  return { rangeId, range: usableRange(parsed.range), kind };
}

/** The first free addresses, at most `count`. */
async function findFree(ctx: RecordContext, { rangeId, range }: Claiming, count: number): Promise<readonly bigint[]> {
  const hint = ctx.rangeHints.get(rangeId);
  const free: bigint[] = [];
  const walk = async (stretch: AddressRange): Promise<void> => {
    let from = stretch.first;
    for await (const { used, upTo } of usedAddresses(ctx, stretch)) {
      const gaps = freeAddresses(used, from, upTo, count - free.length);
      free.push(...gaps.free);
      from = gaps.next;
      if (free.length >= count) return;
    }
  };
  const ahead = hint === undefined ? range : rangeFrom(range, hint);
  if (ahead !== undefined) await walk(ahead);
  if (free.length < count && ahead !== range) {
    // Other replicas may have released addresses that lie before.
    const last = ahead === undefined ? range.last : ahead.first - 1n;
    await walk({ ...range, last });
  }
  const [first] = free;
  if (first !== undefined) ctx.rangeHints.set(rangeId, { family: range.family, value: first });
  return free;
}

function addedAddress(
  { kind, rangeId, range }: Claiming,
  owner: string,
  { nowMs }: Deed,
  value: bigint,
  index: number,
): RecordWrite {
  const address = formatAddress({ family: range.family, value });
  const body: RecordBody = {
    ...newBody({ address, owner }, nowMs),
    claim: { owner, sinceMs: nowMs },
    rangeId,
  };
  return { id: randomId('rec'), kind: kind.name, created: createdOrder(nowMs, index), body };
}

function formatRange({ family, first, last }: AddressRange): string {
  return `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`;
}
