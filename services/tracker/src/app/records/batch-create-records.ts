import type { FieldViolation } from '@berth/kernel';
import { randomId } from '@berth/kernel';
import type { Deed, GivenFields, Kind } from '../../domain/records/index.js';
import { checkNewFields, newBody, throwViolations } from '../../domain/records/index.js';
import { inTransaction } from './in-transaction.js';
import { pause } from './pause.js';
import type { RecordContext } from './record-context.js';
import { createdOrder, uniquesOf } from './record-document.js';
import type { SeenRecord } from './record-transactions.js';
import type { Wanted } from './taken-values.js';
import { checkUniques, resolveDuplicates } from './taken-values.js';

/** Adds records: all, or none. Throws RECORD_INVALID and RECORD_EXISTS with the violations of each. */
export async function batchCreateRecords(
  ctx: RecordContext,
  kind: Kind,
  given: readonly GivenFields[],
  deed: Deed,
  validateOnly: boolean,
): Promise<readonly SeenRecord[]> {
  const wanted = checkBatch(ctx, kind, given, deed.nowMs);
  if (validateOnly) {
    await checkUniques(ctx, kind, wanted);
    return wanted.map(({ body }) => ({ id: '', kind: kind.name, body }));
  }
  const added = wanted.map(({ id, body }, index) => ({
    id,
    kind: kind.name,
    created: createdOrder(deed.nowMs, index),
    body,
  }));
  const changes = await inTransaction(ctx, deed.request, async (transaction) => {
    for (let tries = 0; ; tries += 1) {
      const results = await transaction.add(added, deed);
      const existing = results.flatMap((result) => (result.outcome === 'duplicate' ? [result.existing] : []));
      if (existing.length === 0) return transaction.commit(added.map(({ id }) => id));
      // Two batches that each hold what the other one wants would wait for each other: nothing is held while waiting.
      await transaction.startOver();
      await resolveDuplicates(ctx, kind, wanted, existing);
      await pause(tries, `records of ${kind.name}`);
    }
  });
  return changes.map(({ recordId, after }) => ({ id: recordId, kind: kind.name, body: after }));
}

/** The records of a batch. Throws RECORD_INVALID with all that is wrong, also values that stand twice in it. */
function checkBatch(ctx: RecordContext, kind: Kind, given: readonly GivenFields[], nowMs: number): readonly Wanted[] {
  const violations: FieldViolation[] = [];
  const first = new Map<string, number>();
  const wanted = given.map((one, index) => {
    const path = `records[${index}]`;
    const { fields, violations: found } = checkNewFields(kind, one, `${path}.fields`);
    violations.push(...found);
    const body = newBody(fields, nowMs);
    for (const unique of uniquesOf(ctx.kinds.layout(kind), kind.name, body)) {
      const before = first.get(unique);
      const [, field = ''] = unique.split('/');
      if (before === undefined) first.set(unique, index);
      else {
        const description = `is the same as that of records[${before}]; it must be unique`;
        violations.push({ field: `${path}.fields.${field}`, description });
      }
    }
    return { id: randomId('rec'), body, path };
  });
  throwViolations(kind, violations);
  return wanted;
}
