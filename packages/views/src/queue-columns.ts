import type { QueuedRequest } from '@berth/proto/berth/lease/v1/lease';
import { requirementText, waitReasonText } from './lease-views.js';
import type { Column } from './table.js';
import { sinceText, untilText } from './time-text.js';

/** The columns of a list of waiting requests. */
export function queueColumns(now: Date): Column<QueuedRequest>[] {
  return [
    { title: 'PLACE', text: ({ position }) => String(position) },
    { title: 'WHO', text: ({ owner, detached }) => (detached ? `${owner} (away)` : owner) },
    { title: 'WANTS', text: ({ requirements }) => requirements.map(requirementText).join(' + ') },
    { title: 'PRIORITY', text: ({ priority }) => String(priority) },
    { title: 'SINCE', text: ({ arrivalTime }) => sinceText(arrivalTime, now) },
    { title: 'GIVES UP', text: ({ waitUntil }) => untilText(waitUntil, now) },
    { title: 'WHY', text: waitReasonText },
    { title: 'REQUEST', text: ({ requestId }) => requestId },
    { title: 'FOR', text: ({ description }) => description },
  ];
}
