import type { Requirement } from '@berth/proto/berth/lease/v1/bench';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { newRequestId } from './new-request-id.js';
import { type Span, toDuration } from './span.js';

type PartialRequirement = Parameters<typeof Requirement.fromPartial>[0];

/** What is asked for, and how it is kept. Spans are milliseconds or text such as `10m`. */
export interface AcquireOptions {
  /** One bench in one line: `location=office1&attributes=[a]&entity_properties=[[c],[e]]`. */
  query?: string;
  /** One bench by its name. With `location`, `attributes` and `count` it is one requirement. */
  bench?: string;
  location?: string;
  attributes?: readonly string[];
  count?: number;
  /** Several benches, met together or not at all; in addition to the one above. */
  requirements?: readonly PartialRequirement[];
  /** What it is for; shown to those who wait. */
  description?: string;
  /** 0 to 100, higher first; default 50. */
  priority?: number;
  /** How long to wait in the queue: absent = for ever, 0 = not at all. */
  wait?: Span;
  /** `connection` (default): for as long as this process is connected. `ttl`: renewed here. `manual`: until released. */
  hold?: 'connection' | 'ttl' | 'manual';
  /** For `ttl`; default 60 s. */
  ttl?: Span;
  /** For `connection`: how long the place, and then the lease, are kept while the connection is broken; default 0. */
  reconnectGrace?: Span;
  /** The lease ends at the latest after this time. */
  maxDuration?: Span;
  labels?: Readonly<Record<string, string>>;
  affinity?: string;
  /** Benches in maintenance will do as well. */
  allowMaintenance?: boolean;
  /**
   * For `manual`: place and lease stay while no process is connected, also when this one ends. Give a `requestId`: with the
   * same one the call goes on later, in any process. End it with CancelRequest, or release the lease.
   */
  unattended?: boolean;
  /** A booking to spend: all its benches, or those of them that are asked for. Waits until it begins. */
  booking?: string;
  /** The lab; default: the client's. */
  lab?: string;
  /** Makes it repeatable by another process: the same id gives the same place or lease. Default: random. */
  requestId?: string;
}

const DEFAULT_TTL_MS = 60_000;
const HOLDS = { connection: HoldMode.CONNECTION, ttl: HoldMode.TTL, manual: HoldMode.MANUAL } as const;

/** The request for some options. Throws a RangeError for a span that cannot be read; all else is judged by the server. */
export function toAcquireRequest(options: AcquireOptions, lab: string): AcquireRequest {
  const hold = options.hold ?? 'connection';
  return AcquireRequest.fromPartial({
    lab: options.lab ?? lab,
    requestId: options.requestId ?? newRequestId(),
    requirements: requirements(options),
    description: options.description ?? '',
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.wait !== undefined && { waitTimeout: toDuration(options.wait) }),
    hold: HOLDS[hold],
    ...(hold === 'ttl' && { ttl: toDuration(options.ttl ?? DEFAULT_TTL_MS) }),
    ...(options.reconnectGrace !== undefined && { reconnectGrace: toDuration(options.reconnectGrace) }),
    ...(options.maxDuration !== undefined && { maxDuration: toDuration(options.maxDuration) }),
    affinity: options.affinity ?? '',
    booking: options.booking ?? '',
    labels: { ...options.labels },
    allowMaintenance: options.allowMaintenance ?? false,
    unattended: options.unattended ?? false,
  });
}

function requirements(options: AcquireOptions): PartialRequirement[] {
  const { query, bench, location, attributes, count } = options;
  const all: PartialRequirement[] = [];
  if (query !== undefined) all.push({ query });
  if (bench !== undefined || location !== undefined || attributes !== undefined || count !== undefined) {
    all.push({
      ...(bench !== undefined && { bench }),
      ...(location !== undefined && { location }),
      ...(attributes !== undefined && { attributes: [...attributes] }),
      ...(count !== undefined && { count }),
    });
  }
  return [...all, ...(options.requirements ?? [])];
}
