import { pages } from '@berth/documents';
import { BerthError } from '@berth/kernel';
import type { RecordBody } from '../../domain/records/index.js';
import { ADDRESS_KINDS } from '../../domain/records/index.js';
import type { RecordContext } from './record-context.js';

const PAGE = 500;
/** So many claimed addresses are named in a refusal. */
const NAMED = 3;

/**
 * Throws RECORD_CLAIMED when addresses of a range are claimed. Of a claim that comes later the writer of the range learns
 * by its revision, since each claim writes the range too.
 */
export async function checkNoneClaimed(ctx: RecordContext, rangeId: string, name: string): Promise<void> {
  const where = { 'body.rangeId': rangeId, shelf: { in: ADDRESS_KINDS } };
  for await (const page of pages(ctx.collections.records, { where, limit: PAGE })) {
    const claimed = page.flatMap(({ value: { body } }) => (body.claim === undefined ? [] : body));
    if (claimed.length > 0) throw rangeClaimed(rangeId, name, claimed);
  }
}

function rangeClaimed(id: string, name: string, claimed: readonly RecordBody[]): BerthError {
  const some = claimed
    .slice(0, NAMED)
    .map(({ fields, claim }) => `${String(fields['address'])} by ${claim?.owner ?? ''}`)
    .join(', ');
  const description = `addresses of the range ${name} are claimed: ${some}${claimed.length > NAMED ? ' and others' : ''}`;
  const owner = claimed[0]?.claim?.owner ?? '';
  return new BerthError('RECORD_CLAIMED', `${description}. It cannot be deleted; release them first.`, {
    resource: { type: 'record', name: id, owner },
    preconditions: [{ type: 'UNCLAIMED', subject: id, description }],
  });
}
