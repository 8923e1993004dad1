/** What an allocation may belong to: `lease/<lab>/<id>`, `ticket/<number>`, `booking/<id>`. */
const PARENT_KINDS = ['lease', 'ticket', 'booking'] as const;

export type ParentKind = (typeof PARENT_KINDS)[number];

/** The kind of a parent; undefined for texts that an older version took and that nobody can be asked about. */
export function parentKindOf(parent: string): ParentKind | undefined {
  const kind = parent.slice(0, Math.max(parent.indexOf('/'), 0));
  return PARENT_KINDS.find((known) => known === kind);
}
