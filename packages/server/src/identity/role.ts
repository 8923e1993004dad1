/** The roles, from the least to the most. */
export const ROLES = ['viewer', 'user', 'operator', 'admin'] as const;

/** What a caller may do; each role includes those before it. */
export type Role = (typeof ROLES)[number];

const RANK: Readonly<Record<Role, number>> = { viewer: 0, user: 1, operator: 2, admin: 3 };

/** Whether `role` is `least`, or more. */
export function includesRole(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

/** Whether the text is the name of a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(RANK, text);
}
