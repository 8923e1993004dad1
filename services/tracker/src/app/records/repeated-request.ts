import type { RequestKey } from '../../domain/records/index.js';
import type { ChangeDocument } from '../../ports/record-collections.js';
import { checkSame } from './bound-request.js';
import type { RecordContext } from './record-context.js';

/**
 * The changes that a request made already: the log of changes is the memory of requests, for longer than it has to be. The
 * last change of a record is perhaps not in it; whoever needs to know of that looks at the record itself.
 * Throws REQUEST_ID_REUSED when something else was asked by the id.
 */
export async function changesOf(
  { collections: { changes } }: RecordContext,
  request: RequestKey | undefined,
): Promise<readonly ChangeDocument[]> {
  if (request === undefined) return [];
  const { documents } = await changes.find({ where: { 'request.id': request.id }, limit: 1000 });
  for (const { value } of documents) checkSame(value, request);
  return documents.map(({ value }) => value);
}

/** Whether a change was made by this request. Throws REQUEST_ID_REUSED. */
export function isRepeat(last: ChangeDocument | undefined, request: RequestKey | undefined): last is ChangeDocument {
  if (request === undefined || last?.request?.id !== request.id) return false;
  checkSame(last, request);
  return true;
}
