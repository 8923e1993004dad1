import { BerthError } from '@berth/kernel';
import type { Kind, KindLayout } from '../../domain/records/index.js';
import { BUILT_IN_KINDS, nextLayout, NO_LAYOUT } from '../../domain/records/index.js';
import type { LayoutDocument, RecordCollections } from '../../ports/record-collections.js';
import { deletedShelf } from './record-document.js';

/** A kind with a fault of one of its fields that only the store's records show. */
export interface KindFault {
  readonly kind: string;
  readonly field: string;
  readonly fault: string;
}

/** The kinds of records: those that Berth brings, and those that are configured. */
export class RecordKinds {
  #kinds: ReadonlyMap<string, Kind> = new Map();
  readonly #layouts = new Map<string, KindLayout>();

  constructor(private readonly collections: Pick<RecordCollections, 'layouts' | 'records'>) {}

  /** By name. */
  get all(): readonly Kind[] {
    return [...this.#kinds.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws NO_SUCH_KIND. */
  named(name: string): Kind {
    const kind = this.#kinds.get(name);
    if (kind !== undefined) return kind;
    const names = this.all.map((one) => one.name).join(', ');
    throw new BerthError('NO_SUCH_KIND', `there is no kind '${name}'; there are ${names}.`, {
      resource: { type: 'kind', name },
    });
  }

  /** How the records of a kind are indexed; also of a kind that is not configured any more. */
  async layoutOf(name: string): Promise<KindLayout> {
    const known = this.#layouts.get(name);
    if (known !== undefined) return known;
    const stored = await this.collections.layouts.get(name);
    if (stored === undefined) return NO_LAYOUT;
    this.#layouts.set(name, stored.value);
    return stored.value;
  }

  /** The layout of a kind that is configured. */
  layout(kind: Kind): KindLayout {
    return this.#layouts.get(kind.name) ?? NO_LAYOUT;
  }

  /**
   * Takes these kinds beside the built-in ones, all or (when there are faults, which are returned) none: then everything
   * stays as it was. A layout is stored before a record is written by it, so every replica finds the same.
   */
  async use(custom: readonly Kind[]): Promise<readonly KindFault[]> {
    const kinds = [...BUILT_IN_KINDS, ...custom];
    const faults: KindFault[] = [];
    for (const kind of kinds) {
      const { faults: found } = nextLayout(kind, await this.#layoutInUse(kind.name));
      faults.push(...found.map(({ field, fault }) => ({ kind: kind.name, field, fault })));
    }
    if (faults.length > 0) return faults;
    for (const kind of kinds) this.#layouts.set(kind.name, await this.#store(kind));
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    return [];
  }

  /** The layout that records of the kind were written with; that of a kind without records may be forgotten. */
  async #layoutInUse(name: string): Promise<KindLayout> {
    const stored = await this.collections.layouts.get(name);
    if (stored === undefined) return NO_LAYOUT;
    const { documents } = await this.collections.records.find({
      where: { shelf: { in: [name, deletedShelf(name)] } },
      limit: 1,
    });
    return documents.length === 0 ? NO_LAYOUT : stored.value;
  }

  /** Another replica may do the same: whoever is later builds on what the other one stored. */
  async #store(kind: Kind): Promise<KindLayout> {
    const { layouts } = this.collections;
    for (;;) {
      const stored = await layouts.get(kind.name);
      const { layout } = nextLayout(kind, await this.#layoutInUse(kind.name));
      const document: LayoutDocument = { id: kind.name, fields: layout.fields };
      if (stored !== undefined && JSON.stringify(stored.value.fields) === JSON.stringify(document.fields))
        return layout;
      if (stored === undefined) {
        const [inserted] = await layouts.insert([document]);
        if (inserted?.outcome === 'inserted') return layout;
      } else if ((await layouts.replace(document, stored.revision)).outcome === 'replaced') return layout;
    }
  }
}
