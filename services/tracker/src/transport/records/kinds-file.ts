import { basename } from 'node:path';
import { type Clock, type Logger, RESERVED_PATHS } from '@berth/kernel';
import { Kind as KindMessage } from '@berth/proto/berth/tracker/v1/record';
import { itemBytes, MAX_ANSWER_BYTES, WatchedFile } from '@berth/server';
import type { Kind } from '../../domain/records/index.js';
import type { RecordKinds } from '../../app/records/record-kinds.js';
import { invalidKinds, KINDS_FILE, readKinds } from './kinds-yaml.js';
import { kindOf } from './record-to-proto.js';

/** The file of kinds, which `kinds` takes from it; see WatchedFile. Throws INVALID_CONFIG that names every fault. */
export function kindsFile(path: string, kinds: RecordKinds, clock: Clock, logger: Logger): WatchedFile {
  const name = basename(path);
  const take = async (text: string): Promise<void> => {
    const read = readKinds(text, name);
    if (read.faults.length > 0) throw invalidKinds(read.faults);
    checkSize(read.kinds, name);
    const found = await kinds.use(read.kinds);
    if (found.length === 0) {
      tellReserved(read.kinds, logger);
      return;
    }
    throw invalidKinds(
      found.map(({ kind, field, fault }) => {
        const at = ['kinds', kind, 'fields', field];
        return { where: read.locate(at), path: at.join('.'), message: fault };
      }),
    );
  };
  return new WatchedFile({ path, what: KINDS_FILE, take, clock, logger });
}

/** Over HTTP, records of a kind are at /KIND, unless that is the path of something else. */
function tellReserved(kinds: readonly Kind[], logger: Logger): void {
  for (const { name: kind } of kinds) {
    if (!RESERVED_PATHS.includes(kind)) continue;
    logger.warn(
      { kind },
      `the kind ${kind} is reached at /v1/records/${kind} only: /${kind} is the path of something else; rename it to change that`,
    );
  }
}

/** ListKinds tells of all kinds in one message. */
function checkSize(kinds: readonly Kind[], where: string): void {
  const bytes = kinds.map(kindOf).reduce((sum, kind) => sum + itemBytes(KindMessage)(kind), 0);
  if (bytes <= MAX_ANSWER_BYTES) return;
  const message = `its kinds take ${bytes} bytes in an answer; at most ${MAX_ANSWER_BYTES} (2 MiB) are allowed`;
  throw invalidKinds([{ where, path: 'kinds', message }]);
}
