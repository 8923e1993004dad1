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
