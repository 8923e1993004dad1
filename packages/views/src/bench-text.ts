import { type Attribute, type Bench, ConditionState, Recycle } from '@berth/proto/berth/lease/v1/bench';
import { stateName } from './lease-views.js';
import { type Column, factsText } from './table.js';
import { sinceText, untilText } from './time-text.js';

/** Attributes with their weights: `a:10 b`. */
export function attributesText(attributes: readonly Attribute[]): string {
  return attributes.map(({ name, weight }) => (weight === 0 ? name : `${name}:${String(weight)}`)).join(' ');
}

/** What a bench is at present: `free`, `held`, `being cleaned`, or its condition; and what it becomes after that. */
export function stateText({ holder, condition, deleting, cleaningToken }: Bench): string {
  const state = condition?.state ?? ConditionState.READY;
  const later = state !== ConditionState.READY ? stateName(state) : deleting ? 'deleted' : '';
  const now = holder !== '' ? 'held' : cleaningToken !== 0 ? 'being cleaned' : '';
  if (now !== '') return later === '' ? now : `${now}, then ${later}`;
  return later === '' ? 'free' : later;
}

/** The columns of a list of benches. */
export function benchColumns(now: Date): Column<Bench>[] {
  return [
    { title: 'BENCH', text: ({ name }) => name },
    { title: 'LOCATION', text: ({ location }) => location },
    { title: 'ATTRIBUTES', text: ({ attributes }) => attributesText(attributes) },
    { title: 'AFFINITY', text: ({ affinity }) => affinity },
    { title: 'STATE', text: stateText },
    { title: 'HOLDER', text: ({ holder }) => holder },
    { title: 'SINCE', text: ({ heldSince }) => sinceText(heldSince, now) },
    { title: 'ENDS', text: ({ heldUntil }) => untilText(heldUntil, now) },
    { title: 'WAITING', text: ({ waiting }) => (waiting > 0 ? String(waiting) : '') },
    { title: 'FOR', text: ({ holderDescription, condition }) => holderDescription || (condition?.reason ?? '') },
  ];
}

/** Everything of one bench, for people. */
export function benchText(bench: Bench, now: Date): string {
  const { condition } = bench;
  const facts: [string, string][] = [
    ['name', bench.name],
    ['location', bench.location],
    ['attributes', attributesText(bench.attributes)],
    ['state', stateText(bench)],
    ['why', condition?.reason ?? ''],
    ['set by', condition?.actor?.name ?? ''],
    ['since', sinceText(condition?.since, now)],
    ['until', untilText(condition?.until, now)],
    ['holder', bench.holder],
    ['for', bench.holderDescription],
    ['held since', sinceText(bench.heldSince, now)],
    ['ends', untilText(bench.heldUntil, now)],
    ['lease', bench.leaseId],
    ['cleaning token', bench.cleaningToken === 0 ? '' : String(bench.cleaningToken)],
    ['waiting', bench.waiting > 0 ? String(bench.waiting) : ''],
    ['affinity', bench.affinity],
    ['after a lease', bench.recycle === Recycle.CLEAN ? 'is cleaned' : ''],
    ['labels', pairsText(bench.labels)],
    ['properties', pairsText(bench.properties)],
    ['origin', bench.origin],
    ['etag', bench.etag],
  ];
  const entities = Object.entries(bench.entities).flatMap(([name, { attributes, properties }]): [string, string][] => [
    [`entity ${name}`, attributesText(attributes)],
    [`  ${name}'s properties`, pairsText(properties)],
  ]);
  return factsText([...facts, ...entities]);
}

function pairsText(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
