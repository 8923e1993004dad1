import { ResourceState } from '@berth/proto/berth/pool/v1/pool';
import type { Resource as ResourceMessage } from '@berth/proto/berth/pool/v1/resource';
import { dateOf } from '@berth/server';
import type { Resource } from '../../domain/resource.js';

const NO_DATA = Buffer.alloc(0);

/** A resource as it is told; its data to operators only. */
export function resourceOf(resource: Resource, withData: boolean, ticket = 0): ResourceMessage {
  const { number, name, pool, idInPool, counters, state, tags, lab, data, sandbox, releases, lease } = resource;
  return {
    number,
    name,
    pool,
    idInPool,
    counters: { ...counters },
    state: ResourceState[state],
    tags: tags.map((tag) => ({ ...tag })),
    lab,
    data: withData ? Buffer.from(data, 'base64') : NO_DATA,
    sandbox,
    releases,
    leaseId: lease?.id ?? '',
    ticket,
    failedChecks: resource.failedChecks,
    lastError: resource.lastError,
    failedDeletes: resource.failedDeletes,
    retryTime: dateOf(resource.retryMs),
    running: (resource.running ?? resource.checking)?.hook ?? '',
    endReason: resource.doom?.reason ?? resource.endReason,
    createTime: new Date(resource.createMs),
    upTime: dateOf(resource.upMs),
    firstLeaseTime: dateOf(resource.firstLeaseMs),
    updateTime: new Date(resource.updateMs),
    endTime: dateOf(resource.endMs),
    forgotten: resource.forgotten ?? false,
    leakTime: dateOf(resource.leakMs),
  };
}
