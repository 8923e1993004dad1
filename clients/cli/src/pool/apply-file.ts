import { type ApplyPoolsResponse, type PoolChange, PoolChangeKind } from '@berth/client';
import { enumWords } from '@berth/views';
import type { Context } from '../program/context.js';
import { readInput } from '../program/read-input.js';

/** Has a file of pools checked, or put in force, and shows what changes by it. */
export async function applyFile(
  { berth, out }: Context,
  file: string,
  how: 'validate' | 'dry-run' | 'apply',
): Promise<void> {
  const name = file === '-' ? 'stdin' : file;
  const answer = await berth.pools.applyPools({
    yaml: readInput(file, 'a file of pools'),
    file: name,
    validateOnly: how !== 'apply',
  });
  for (const warning of answer.warnings) out.note(`berth: ${warning}`);
  const lead = {
    validate: `${name} is valid; applying it would change`,
    'dry-run': 'this would change',
    apply: 'changed',
  };
  const text = answer.changes.map(changeText).join('\n');
  await out.one(view(answer), text === '' ? `${lead[how]} nothing` : `${lead[how]}:\n${text}`);
}

/** A change as lines: the pool, then each option with its values before and after. */
function changeText({ pool, kind, options }: PoolChange): string {
  const lines = options.map(({ option, before, after }) => `  ${option}: ${before || '-'} → ${after || '-'}`);
  return [`${pool} ${kindText(kind)}`, ...lines].join('\n');
}

function kindText(kind: PoolChangeKind): string {
  return kind === PoolChangeKind.REMOVED ? 'is removed: it drains' : `is ${enumWords(PoolChangeKind, kind)}`;
}

function view({ changes, warnings }: ApplyPoolsResponse) {
  return {
    changes: changes.map(({ pool, kind, options }) => ({ pool, kind: enumWords(PoolChangeKind, kind), options })),
    warnings,
  };
}
