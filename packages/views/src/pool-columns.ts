import { type Pool, ResourceState } from '@berth/proto/berth/pool/v1/pool';
import { countOf, poolStateText, successText, troubleText } from './pool-view.js';
import type { Column } from './table.js';

/** The columns of a list of pools. */
export function poolColumns(now: Date): readonly Column<Pool>[] {
  const { UP, STARTING, RELEASING, DELETING, DELETE_FAILED } = ResourceState;
  const count = (title: string, ...states: readonly ResourceState[]): Column<Pool> => ({
    title,
    text: (pool) => String(countOf(pool, ...states) || ''),
  });
  return [
    { title: 'POOL', text: ({ name }) => name },
    { title: 'STATE', text: poolStateText },
    count('UP', UP),
    { title: 'FREE', text: ({ free }) => String(free) },
    { title: 'TAKEN', text: ({ taken }) => String(taken) },
    count('STARTING', STARTING),
    count('CLEANING', RELEASING),
    count('DELETING', DELETING),
    count('LEAKED', DELETE_FAILED),
    { title: 'MAX', text: ({ max }) => String(max) },
    { title: 'WENT WELL', text: successText },
    { title: 'TROUBLE', text: (pool) => troubleText(pool, now) },
    { title: 'WHY', text: ({ stateReason }) => stateReason },
  ];
}
