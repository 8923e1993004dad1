import type { Pool, StateCount, Tag as TagMessage } from '@berth/proto/berth/pool/v1/pool';
import { PoolState as StateMessage, ResourceState as ResourceStateMessage } from '@berth/proto/berth/pool/v1/pool';
import type { PoolChange as ChangeMessage, Stranger as StrangerMessage } from '@berth/proto/berth/pool/v1/pool_service';
import { PoolChangeKind, StrangerVerdict } from '@berth/proto/berth/pool/v1/pool_service';
import { actorOf, dateOf, durationOf } from '@berth/server';
import type { PoolFacts } from '../../app/pool-facts.js';
import type { Swept } from '../../app/sweep-pool.js';
import type { PoolChange } from '../../domain/options/diff-pools.js';
import type { PoolOptions, Tag } from '../../domain/options/options.js';
import { isDegraded } from '../../domain/pool-document.js';
import { RESOURCE_STATES } from '../../domain/resource.js';
import { stateOf } from '../../domain/world.js';
import { writeOptions } from '../pools-file/write-pools.js';

/** What is told instead of the value of a variable. */
const HIDDEN = '(hidden)';

/** A pool as lists tell it. */
export function poolOf(facts: PoolFacts, nowMs: number): Pool {
  const { options, document, removed, counts, free, taken } = facts;
  const { override, retryMs, lastStarts } = document;
  const wentWell = lastStarts.reduce((sum, one) => sum + one, 0);
  return {
    name: options.name,
    description: options.description,
    lab: options.lab,
    state: StateMessage[stateOf(facts)],
    stateReason: override?.reason ?? '',
    stateActor: override && actorOf(override.actor),
    stateTime: dateOf(override?.timeMs),
    removed,
    counts: RESOURCE_STATES.flatMap((state): StateCount[] => {
      const count = counts.get(state) ?? 0;
      return count === 0 ? [] : [{ state: ResourceStateMessage[state], count }];
    }),
    free,
    taken,
    max: options.max,
    starts: document.starts,
    failedStarts: document.failedStarts,
    successRate: lastStarts.length === 0 ? undefined : wentWell / lastStarts.length,
    startDuration: durationOf(document.startMs),
    lastStartTime: dateOf(document.lastStartMs),
    lastError: document.lastError,
    degraded: isDegraded(document),
    retryTime: dateOf(retryMs !== undefined && retryMs > nowMs ? retryMs : undefined),
    leaks: counts.get('DELETE_FAILED') ?? 0,
    tags: options.tags.map(tagOf),
    tagsOnDemand: options.tagsOnDemand.map(tagOf),
    optionsYaml: '',
  };
}

/** A pool with its options; the values of `env.set` only for those who may see them. */
export function wholePoolOf(facts: PoolFacts, nowMs: number, withVariables: boolean): Pool {
  return { ...poolOf(facts, nowMs), optionsYaml: writeOptions(withVariables ? facts.options : hidden(facts.options)) };
}

function hidden(options: PoolOptions): PoolOptions {
  const { pass, set } = options.env;
  return { ...options, env: { pass, set: Object.fromEntries(Object.keys(set).map((name) => [name, HIDDEN])) } };
}

export function changeOf({ pool, kind, options }: PoolChange): ChangeMessage {
  return { pool, kind: PoolChangeKind[kind], options: [...options] };
}

export function strangerOf({ name, verdict, firstSeenMs, fault = '' }: Swept['strangers'][number]): StrangerMessage {
  return { name, verdict: StrangerVerdict[verdict], firstSeenTime: new Date(firstSeenMs), fault };
}

function tagOf({ name, priority }: Tag): TagMessage {
  return { name, priority };
}
