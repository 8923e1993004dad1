import type { Bench, Ended, Granted, Heartbeat, LeaseEvent, Warning } from '@berth/client';
import { durationToMs, EndReason, WarningKind } from '@berth/client';
import type { StatusJson } from '@berth/server';
import { leaseView, queuedView } from '@berth/views';

/** An event of a lock as a line of JSON: `event` says what happened, the rest is told as `berth acquire -o json` does. */
export function lockLine(event: LeaseEvent): string {
  return JSON.stringify(viewOf(event));
}

/** The last line of a lock whose end the lease service did not tell: the connection to it broke, or this process stops. */
export function endedLine(reason: string, message: string): string {
  return JSON.stringify({ event: 'ended', reason, message });
}

/** The last line of a lock that was waited for in vain; the status is what an answer of its own would have had. */
export function failedLine(status: number, error: StatusJson): string {
  return JSON.stringify({ event: 'failed', status, error });
}

function viewOf(event: LeaseEvent): object {
  switch (event.$case) {
    case 'queued':
      return { event: 'queued', ...queuedView(event.value) };
    case 'granted':
      return { event: 'granted', ...grantedView(event.value) };
    case 'heartbeat':
      return { event: 'heartbeat', ...heartbeatView(event.value) };
    case 'warning':
      return { event: 'warning', ...warningView(event.value) };
    case 'ended':
      return { event: 'ended', ...endedView(event.value) };
  }
}

/** `resource` is the first one, which is the only one unless a `count` or a booking asked for more. */
function grantedView({ lease }: Granted): object {
  if (!lease) return {};
  const resources = lease.benches.map(resourceView);
  const { benches, ...rest } = leaseView(lease);
  return { resource: resources[0], ...(benches.length > 1 && { resources }), lease: rest };
}

/** A bench in the shape of the inventory file. */
function resourceView({ name, location, attributes, entities, properties, labels }: Bench): object {
  const parts = Object.entries(entities).map(([part, entity]): [string, object] => [
    part,
    { attributes: entity.attributes.map(nameOf), properties: entity.properties },
  ]);
  return {
    name,
    location,
    attributes: attributes.map(nameOf),
    entities: Object.fromEntries(parts),
    properties,
    labels,
  };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function heartbeatView({ serverTime, remaining }: Heartbeat): object {
  return { time: serverTime, remaining: remaining && spanOf(remaining) };
}

function warningView({ kind, remaining, message }: Warning): object {
  return { kind: WarningKind[kind], remaining: remaining && spanOf(remaining), message };
}

function endedView({ reason, actor, message, endTime, leaseId }: Ended): object {
  return { reason: EndReason[reason], by: actor?.name, message, time: endTime, lease: leaseId };
}

function spanOf(span: Parameters<typeof durationToMs>[0]): string {
  return `${String(durationToMs(span) / 1000)}s`;
}
