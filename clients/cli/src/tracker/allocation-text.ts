import type { Allocation } from '@berth/client';
import { AllocationFlag, AllocationState } from '@berth/client';
import { clockText, type Column, enumWords, factsText, printable, sinceText, untilText } from '@berth/views';
import { allocationState } from './allocation-view.js';

/** The columns of a list of allocations. */
export function allocationColumns(now: Date): Column<Allocation>[] {
  return [
    { title: 'ALLOCATION', text: ({ id }) => id },
    { title: 'KIND', text: ({ kind }) => kind },
    { title: 'OWNER', text: ({ owner }) => owner },
    { title: 'STATE', text: stateText },
    { title: 'NAME', text: ({ externalId }) => externalId },
    { title: 'SINCE', text: (allocation) => sinceText(allocation.allocateTime ?? allocation.createTime, now) },
    { title: 'EXPECTED', text: (allocation) => expectedText(allocation, now) },
    { title: 'ENDED', text: ({ endTime }) => (endTime ? clockText(endTime, now) : '') },
    { title: 'GROUP', text: ({ group }) => group },
    { title: 'WHY', text: ({ failureReason, deleteFailure }) => failureReason || deleteFailure },
  ];
}

/** Everything of one allocation, for people. */
export function allocationText(allocation: Allocation, now: Date): string {
  const { labels, attributes, collection } = allocation;
  const facts = factsText([
    ['allocation', allocation.id],
    ['kind', allocation.kind],
    ['owner', allocation.owner],
    ['state', stateText(allocation)],
    ['name at the provider', allocation.externalId],
    ['outcome expected', allocation.state === AllocationState.INTENT ? untilText(allocation.deadline, now) : ''],
    ['expected end', untilText(allocation.expectedEnd, now)],
    ['application', [allocation.application, allocation.module].filter((text) => text !== '').join(', ')],
    ['labels', pairsText(labels)],
    ['attributes', pairsText(attributes)],
    ['group', allocation.group],
    ['belongs to', allocation.parent],
    ['protected', allocation.protected ? 'yes' : ''],
    ['failed because', allocation.failureReason],
    ['could not be deleted', allocation.deleteFailure],
    ['to be deleted', collection?.dueTime ? untilText(collection.dueTime, now) : ''],
    ['etag', allocation.etag],
  ]);
  const history = allocation.history.map(({ state, time, actor, reason }) => {
    const when = time ? clockText(time, now) : '';
    const why = reason === '' ? '' : `: ${reason}`;
    return `  ${when}  ${allocationState(state)} by ${actor?.name ?? 'unknown'}${why}`;
  });
  return [...facts.split('\n'), 'history', ...history].map(printable).join('\n');
}

/** Its state and what is remarkable about it: `allocated, late`. */
export function stateText({ state, flags, protected: kept }: Allocation): string {
  const remarks = [...flags.map((flag) => enumWords(AllocationFlag, flag)), ...(kept ? ['protected'] : [])];
  return [allocationState(state), ...remarks].join(', ');
}

function expectedText({ state, deadline, expectedEnd }: Allocation, now: Date): string {
  if (state === AllocationState.INTENT) return untilText(deadline, now);
  return state === AllocationState.ALLOCATED ? untilText(expectedEnd, now) : '';
}

function pairsText(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
