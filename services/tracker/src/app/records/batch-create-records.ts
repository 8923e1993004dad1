import type { FieldViolation } from '@berth/kernel';
import { randomId } from '@berth/kernel';
import type { Deed, GivenFields, Kind } from '../../domain/records/index.js';
import { checkNewFields, newBody, throwViolations } from '../../domain/records/index.js';
import { addRecords } from './add-records.js';
import type { RecordContext } from './record-context.js';
import type { SeenRecord } from './record-document.js';
import { uniquesOf } from './record-document.js';
import type { Wanted } from './taken-values.js';

/** Adds records: all, or none. Throws RECORD_INVALID and RECORD_EXISTS with the violations of each. */
export async function batchCreateRecords(
  ctx: RecordContext,
  kind: Kind,
  given: readonly GivenFields[],
  deed: Deed,
  validateOnly: boolean,
): Promise<readonly SeenRecord[]> {
  return addRecords(ctx, kind, checkBatch(ctx, kind, given, deed.nowMs), deed, validateOnly);
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
