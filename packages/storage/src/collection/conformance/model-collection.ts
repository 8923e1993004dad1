import type { Query, Scalar, Where } from '../collection.js';
import type { Thing } from './subject.js';

const UNIQUE = [['host'], ['place.rack', 'place.slot']] as const;

function at(thing: Thing, path: string): Scalar | readonly Scalar[] | undefined {
  let value: unknown = thing;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
  return value as Scalar | readonly Scalar[] | undefined;
}

function compare(a: Scalar | undefined, b: Scalar | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  return Number(a) - Number(b);
}

function meets(value: Scalar, wanted: Where[string]): boolean {
  if (typeof wanted !== 'object') return value === wanted;
  if ('in' in wanted) return wanted.in.includes(value);
  if ('prefix' in wanted) return typeof value === 'string' && value.startsWith(wanted.prefix);
  const { from, after, until, upTo } = wanted;
  return (
    (from === undefined || compare(value, from) >= 0) &&
    (after === undefined || compare(value, after) > 0) &&
    (until === undefined || compare(value, until) < 0) &&
    (upTo === undefined || compare(value, upTo) <= 0)
  );
}

/** What a collection is to do, in the plainest way: a map, and every query looks at everything. */
export class ModelCollection {
  readonly things = new Map<string, { readonly value: Thing; readonly revision: number }>();
  #revision = 0;

  insert(value: Thing): 'inserted' | 'duplicate' {
    if (this.things.has(value.id) || this.#taken(value)) return 'duplicate';
    this.#write(value);
    return 'inserted';
  }

  replace(value: Thing, expected: number): 'replaced' | 'stale' | 'gone' | 'duplicate' {
    const there = this.things.get(value.id);
    if (there === undefined) return 'gone';
    if (there.revision !== expected) return 'stale';
    if (this.#taken(value)) return 'duplicate';
    this.#write(value);
    return 'replaced';
  }

  remove(id: string): 'removed' | 'gone' {
    return this.things.delete(id) ? 'removed' : 'gone';
  }

  /** Takes steps all or none; answers the place of the one that was refused, and why. */
  all<R extends string>(
    steps: readonly (() => R)[],
    done: ReadonlySet<string>,
  ): { write: number; outcome: R } | undefined {
    const before = [...this.things];
    for (const [write, step] of steps.entries()) {
      const outcome = step();
      if (done.has(outcome)) continue;
      this.things.clear();
      for (const [id, thing] of before) this.things.set(id, thing);
      return { write, outcome };
    }
    return undefined;
  }

  find({ where = {}, orderBy = { field: 'id' } }: Pick<Query, 'where' | 'orderBy'>): Thing[] {
    const { field, descending = false } = orderBy;
    const sign = descending ? -1 : 1;
    return [...this.things.values()]
      .map(({ value }) => value)
      .filter((thing) =>
        Object.entries(where).every(([path, wanted]) =>
          [at(thing, path) ?? []].flat().some((value: Scalar) => meets(value, wanted)),
        ),
      )
      .sort((a, b) => {
        const fields = compare(at(a, field) as Scalar | undefined, at(b, field) as Scalar | undefined);
        return sign * (fields === 0 ? compare(a.id, b.id) : fields);
      });
  }

  #write(value: Thing): void {
    this.#revision += 1;
    this.things.set(value.id, { value, revision: this.#revision });
  }

  #taken(value: Thing): boolean {
    return UNIQUE.some((fields) => {
      const key = fields.map((path) => at(value, path));
      if (key.includes(undefined)) return false;
      return [...this.things.values()].some(
        (other) => other.value.id !== value.id && fields.every((path, index) => at(other.value, path) === key[index]),
      );
    });
  }
}
