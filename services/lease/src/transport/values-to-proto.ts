import type {
  Attribute as AttributeMessage,
  Condition as ConditionMessage,
  Entity,
} from '@berth/proto/berth/lease/v1/bench';
import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import type { Actor as ActorMessage } from '@berth/proto/berth/type/v1/actor';
import { ActorKind } from '@berth/proto/berth/type/v1/actor';
import type { Duration } from '@berth/proto/google/protobuf/duration';
import type { Actor, Attribute, Condition, EntitySpec } from '../domain/index.js';

const ACTOR_KINDS = { caller: ActorKind.CALLER, system: ActorKind.SYSTEM } as const;

/** A span of milliseconds; undefined stays undefined. */
export function durationOf(ms: number): Duration;
export function durationOf(ms: number | undefined): Duration | undefined;
export function durationOf(ms: number | undefined): Duration | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** A time; undefined stays undefined. */
export function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

export function actorOf({ name, kind }: Actor): ActorMessage {
  return { name, kind: ACTOR_KINDS[kind] };
}

export function conditionOf({ state, reason, actor, sinceMs, untilMs }: Condition): ConditionMessage {
  return {
    state: ConditionState[state],
    reason,
    actor: actorOf(actor),
    since: new Date(sinceMs),
    until: dateOf(untilMs),
  };
}

export function attributesOf(attributes: readonly Attribute[]): AttributeMessage[] {
  return attributes.map(({ name, weight }) => ({ name, weight }));
}

export function entitiesOf(
  entities: Readonly<Record<string, EntitySpec>>,
  withProperties: boolean,
): Record<string, Entity> {
  const messages = Object.entries(entities).map(([name, { attributes, properties }]): [string, Entity] => [
    name,
    { attributes: attributesOf(attributes), properties: withProperties ? { ...properties } : {} },
  ]);
  return Object.fromEntries(messages);
}
