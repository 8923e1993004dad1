import type { Logger } from '@berth/kernel';
import type { ParentKind } from '../domain/index.js';
import { parentKindOf } from '../domain/index.js';
import type { LookedUp, ParentCheck, Parents } from '../ports/parent-check.js';

/** The check of each kind; parents of a kind without one count as being there. */
export type ParentChecks = Readonly<Partial<Record<ParentKind, ParentCheck | undefined>>>;

/** Looks each parent up by the check of its kind. A kind that cannot be asked about is logged once in a look. */
export function parentsByKind(checks: ParentChecks, logger: Logger): Parents {
  return {
    begin: () => {
      const silent = new Set<ParentKind>();

      async function look(kind: ParentKind, parents: readonly string[]): Promise<LookedUp> {
        const check = checks[kind];
        if (check === undefined) return { gone: new Set(), unknown: new Set() };
        if (!silent.has(kind)) {
          try {
            return await check.look(parents);
          } catch (error) {
            silent.add(kind);
            logger.warn(
              { err: error, kind },
              `parents of kind ${kind} could not be looked up; their leaks stay as they were`,
            );
          }
        }
        return { gone: new Set(), unknown: new Set(parents) };
      }

      return async (parents) => {
        const found = await Promise.all([...byKind(parents)].map(([kind, names]) => look(kind, names)));
        return {
          gone: new Set(found.flatMap(({ gone }) => [...gone])),
          unknown: new Set(found.flatMap(({ unknown }) => [...unknown])),
        };
      };
    },
  };
}

function byKind(parents: readonly string[]): ReadonlyMap<ParentKind, string[]> {
  const kinds = new Map<ParentKind, string[]>();
  for (const parent of parents) {
    const kind = parentKindOf(parent);
    if (kind === undefined) continue;
    const names = kinds.get(kind);
    if (names === undefined) kinds.set(kind, [parent]);
    else names.push(parent);
  }
  return kinds;
}
