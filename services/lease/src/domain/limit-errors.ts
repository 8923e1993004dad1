import { BerthError } from '@berth/kernel';
import type { Bar, Shortage } from './allowance.js';
import type { Lease, Waiting } from './entities.js';
import type { RequestSpec } from './model.js';

/** A request asks for more benches than a limit ever gives. */
export function asksTooMany(short: Bar, { spec, demand }: Pick<Waiting, 'spec' | 'demand'>): BerthError {
  const asked = demand.requirements.length;
  const description = `${whose(short, spec)} may hold ${benches(short.limit)} at a time, and this request asks for ${String(asked)}`;
  return quota('held', short, description, 'Ask for fewer benches, or ask an operator to raise the limit.');
}

/** A request that does not wait is held back by a limit. */
export function heldBack(short: Shortage, { spec, demand }: Pick<Waiting, 'spec' | 'demand'>): BerthError {
  const asked = demand.requirements.length;
  const description =
    `${whose(short, spec)} may hold ${benches(short.limit)} at a time and holds ${String(short.has)}, ` +
    `and this request asks for ${String(asked)}`;
  return quota('held', short, description, 'Release one first (berth ls), or wait in the queue with a wait_timeout.');
}

/** One request more would wait than a limit allows. */
export function waitsTooMany(short: Shortage, spec: RequestSpec): BerthError {
  const description = `${whose(short, spec)} may have ${requests(short.limit)} waiting, and has ${String(short.has)}`;
  return quota('waiting', short, description, 'Wait until one is granted, or cancel one (berth queue, berth cancel).');
}

/** A request asks for a longer hold than a limit allows. */
export function asksTooLong(longest: Bar, spec: RequestSpec): BerthError {
  const asked = seconds(spec.maxDurationMs ?? 0);
  const description = `is ${asked}, but ${whose(longest, spec)} may hold a bench for ${seconds(longest.limit)} at most`;
  return quota(
    'max_duration',
    longest,
    description,
    'Ask for less, or leave it out to get as much as that.',
    'max_duration',
  );
}

/** A lease would last longer than a limit allows. */
export function extendsTooFar(longest: Bar, lease: Lease, endMs: number): BerthError {
  const { grantedMs, spec } = lease;
  const description =
    `lease '${lease.id}' would last ${seconds(endMs - grantedMs)} since its grant, but ${whose(longest, spec)} ` +
    `may hold a bench for ${seconds(longest.limit)} at most`;
  return quota('max_duration', longest, description, 'Extend it by less, or ask an operator to extend it.', 'duration');
}

function quota(
  limit: 'held' | 'waiting' | 'max_duration',
  { of, name, limit: most }: Bar,
  description: string,
  next: string,
  field?: string,
): BerthError {
  return new BerthError('QUOTA', `${field === 'max_duration' ? 'max_duration ' : ''}${description}. ${next}`, {
    quota: [{ subject: `${of}:${name}`, description }],
    ...(field !== undefined && { fields: [{ field, description }] }),
    metadata: { limit, most: String(most), of, name },
  });
}

/** Whom a limit is for, as it is told: an owner's limit is that of the role. */
function whose({ of, name }: Bar, { role = '' }: RequestSpec): string {
  return of === 'team' ? `team '${name}'` : `${name} (role '${role}')`;
}

function benches(count: number): string {
  return count === 1 ? '1 bench' : `${String(count)} benches`;
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${String(count)} requests`;
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 100) / 10)} s`;
}
