import type { AddressRange, Kind } from '../../domain/records/index.js';
import { ADDRESS_KINDS, addressKey, addressOfKey } from '../../domain/records/index.js';
import type { RecordContext } from './record-context.js';

const PAGE = 1000;

/** Addresses in use, in order: all that follow the page before, up to and with `upTo`. */
interface UsedPage {
  readonly used: readonly bigint[];
  readonly upTo: bigint;
}

/** The addresses of a stretch that are in use, of all kinds of addresses together, in pages. */
export async function* usedAddresses(
  ctx: RecordContext,
  stretch: AddressRange,
): AsyncGenerator<UsedPage, void, undefined> {
  const readers = ADDRESS_KINDS.map((name) => new UsedReader(ctx, ctx.kinds.named(name), stretch));
  for (;;) {
    for (const reader of readers) await reader.fill();
    // Beyond the last one that was read of a kind there may be more of that kind.
    const ends = readers.flatMap(({ end }) => end ?? []);
    const upTo = ends.reduce((least, end) => (end < least ? end : least), stretch.last);
    const used = readers.flatMap((reader) => reader.take(upTo));
    yield { used: used.sort((a, b) => (a < b ? -1 : 1)), upTo };
    if (ends.length === 0) return;
  }
}

/** Reads the used addresses of one kind, a page at a time. */
class UsedReader {
  #read: bigint[] = [];
  #after: string | undefined;
  #more = true;

  constructor(
    private readonly ctx: RecordContext,
    private readonly kind: Kind,
    private readonly stretch: AddressRange,
  ) {}

  /** The last address that was read; undefined when there are no more. */
  get end(): bigint | undefined {
    return this.#more ? this.#read.at(-1) : undefined;
  }

  /** Reads on when all that was read is taken. */
  async fill(): Promise<void> {
    const slot = this.ctx.kinds.layout(this.kind).fields['address']?.slot;
    if (!this.#more || this.#read.length > 0 || slot === undefined) return;
    const { family, first, last } = this.stretch;
    const path = `slots.s${slot}`;
    const bounds = { from: addressKey({ family, value: first }), upTo: addressKey({ family, value: last }) };
    const found = await this.ctx.collections.records.find({
      where: { shelf: this.kind.name, [path]: bounds },
      orderBy: { field: path },
      limit: PAGE,
      ...(this.#after !== undefined && { after: this.#after }),
    });
    this.#read = found.documents.map(({ value }) => addressOfKey(value.slots[`s${slot}`] ?? '').value);
    this.#after = found.next;
    this.#more = found.next !== undefined && found.documents.length > 0;
  }

  /** Takes what was read, up to and with an address. */
  take(upTo: bigint): readonly bigint[] {
    const beyond = this.#read.findIndex((address) => address > upTo);
    return this.#read.splice(0, beyond < 0 ? this.#read.length : beyond);
  }
}
