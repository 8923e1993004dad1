import type { CollectionSpec } from './collection.js';

const NAME = /^\w+$/;

/** Throws TypeError for a spec that engines cannot keep: that is a fault of the program. */
export function checkSpec(spec: CollectionSpec): void {
  for (const name of [spec.name, ...spec.indexes.map((index) => index.name)]) {
    if (!NAME.test(name)) throw new TypeError(`a name has letters, digits and '_' only, not ${JSON.stringify(name)}`);
  }
  const names = new Set(spec.indexes.map((index) => index.name));
  if (names.size !== spec.indexes.length || names.has('id')) {
    throw new TypeError(`the indexes of ${spec.name} need names of their own, other than "id"`);
  }
  const bad = spec.indexes.flatMap(({ fields }) =>
    fields.length === 0 ? ['(none)'] : fields.filter((path) => path === 'id'),
  );
  if (bad.length > 0) throw new TypeError(`an index of ${spec.name} cannot have the fields ${bad.join(', ')}`);
}
