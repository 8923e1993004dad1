import type {
  Attribute as AttributeMessage,
  Condition as ConditionMessage,
  Entity,
} from '@berth/proto/berth/lease/v1/bench';
import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { actorOf, dateOf } from '@berth/server';
import type { Attribute, Condition, EntitySpec } from '../domain/index.js';

export function conditionOf({ state, reason, actor, sinceMs, untilMs }: Condition): ConditionMessage {
  return {
    state: ConditionState[state],
    reason,
    actor: actorOf(actor),
    since: new Date(sinceMs),
    until: dateOf(untilMs),
  };
}

/** Attributes as a message has them, which is as the domain has them: every grant tells them, so they are not copied. */
export function attributesOf(attributes: readonly Attribute[]): AttributeMessage[] {
  return attributes as AttributeMessage[];
}

export function entitiesOf(
  entities: Readonly<Record<string, EntitySpec>>,
  withProperties: boolean,
): Record<string, Entity> {
  if (withProperties) return entities as Record<string, Entity>;
  const messages = Object.entries(entities).map(([name, { attributes }]): [string, Entity] => [
    name,
    { attributes: attributesOf(attributes), properties: {} },
  ]);
  return Object.fromEntries(messages);
}
