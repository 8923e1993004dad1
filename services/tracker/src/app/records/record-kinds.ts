import { BerthError } from '@berth/kernel';
import type { Kind, KindLayout } from '../../domain/records/index.js';
import { BUILT_IN_KINDS, nextLayout, NO_LAYOUT } from '../../domain/records/index.js';
import type { LayoutDocument, RecordCollections } from '../../ports/record-collections.js';
import { deletedShelf } from './record-document.js';
import type { SameValue } from './rewrite-keys.js';
import { rewriteKeys } from './rewrite-keys.js';

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

  /** `tell` hears of records that have the same value in a unique field by now. */
  constructor(
    private readonly collections: Pick<RecordCollections, 'layouts' | 'records'>,
    private readonly tell: (same: SameValue) => void = () => undefined,
  ) {}

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
   * stays as it was. A layout is stored before a record is written by it, so every replica finds the same. When fields
   * have other keys than before, the records are written again, and again at each start while two of them have the same value.
   */
  async use(custom: readonly Kind[]): Promise<readonly KindFault[]> {
    const kinds = [...BUILT_IN_KINDS, ...custom];
    const faults: KindFault[] = [];
    for (const kind of kinds) {
      const { faults: found } = nextLayout(kind, await this.#layoutInUse(kind.name));
      faults.push(...found.map(({ field, fault }) => ({ kind: kind.name, field, fault })));
    }
    if (faults.length > 0) return faults;
    const stale: string[] = [];
    for (const kind of kinds) {
      const { fields, rewrite } = await this.#store(kind);
      this.#layouts.set(kind.name, { fields });
      if (rewrite === true) stale.push(kind.name);
    }
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    for (const name of stale) await this.#rewrite(name);
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
  async #store(kind: Kind): Promise<LayoutDocument> {
    const { layouts } = this.collections;
    for (;;) {
      const stored = await layouts.get(kind.name);
      const { layout, otherKeys } = nextLayout(kind, await this.#layoutInUse(kind.name));
      const rewrite = otherKeys || stored?.value.rewrite === true;
      const document: LayoutDocument = { id: kind.name, fields: layout.fields, ...(rewrite && { rewrite }) };
      if (stored !== undefined && JSON.stringify(stored.value) === JSON.stringify(document)) return document;
      if (stored === undefined) {
        const [inserted] = await layouts.insert([document]);
        if (inserted?.outcome === 'inserted') return document;
      } else if ((await layouts.replace(document, stored.revision)).outcome === 'replaced') return document;
    }
  }

  /** Until all of it is done the layout says that it is not: a process that dies in between leaves it to the next start. */
  async #rewrite(name: string): Promise<void> {
    const { layouts, records } = this.collections;
    const stored = await layouts.get(name);
    if (stored === undefined) return;
    const { id, fields } = stored.value;
    const same = await rewriteKeys(records, name, { fields });
    for (const one of same) this.tell(one);
    if (same.length === 0) await layouts.replace({ id, fields }, stored.revision);
  }
}
