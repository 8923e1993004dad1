import { BerthError } from '@berth/kernel';
import type { Role } from '@berth/server';

/** The highest priority that each role may use. */
export type PriorityCaps = Readonly<Record<Role, number>>;

export const DEFAULT_PRIORITY = 50;

/** People's jobs stay below what operators keep for emergencies. */
export const DEFAULT_PRIORITY_CAPS: PriorityCaps = { viewer: 0, user: 80, operator: 100, admin: 100 };

/**
 * The priority to use: the one asked for, or the default where the role's cap allows it. Throws PRIORITY_NOT_ALLOWED for one
 * above the cap of the role.
 */
export function capPriority(role: Role, priority: number | undefined, caps: PriorityCaps): number {
  const cap = caps[role];
  if (priority === undefined) return Math.min(DEFAULT_PRIORITY, cap);
  if (priority <= cap) return priority;
  const description = `is ${priority}; role '${role}' may use at most ${cap}. Lower it, or ask an operator to raise it`;
  throw new BerthError('PRIORITY_NOT_ALLOWED', `priority: ${description}.`, {
    fields: [{ field: 'priority', description }],
    metadata: { cap: String(cap), role },
  });
}
