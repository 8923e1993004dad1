import { readYaml } from './yaml-document.js';
import type { Place, YamlFault } from './yaml-reader.js';
import { ReadingStopped, YamlReader } from './yaml-reader.js';

export interface ReadingOptions {
  /** Default: 4 MiB. */
  readonly maxBytes?: number;
  /** What to do instead of a larger file, and of a second document: ends of sentences. */
  readonly hints?: { readonly bytes: string; readonly documents: string };
  /** Whether a key that stands twice is a fault of the document, told in the words of the YAML library. */
  readonly uniqueKeys?: boolean;
  /** Whether `<<: *name` takes over the entries of another mapping, in what is read as plain data, as in YAML 1.1. */
  readonly mergeKeys?: boolean;
}

const MAX_BYTES = 4 << 20;

/**
 * What `read` makes of a YAML text, from its root on (which has no node when the text has nothing in it); or all that is
 * wrong with the text, and then no value. Size, nesting and what aliases stand for are bounded.
 */
export function readYamlText<T>(
  text: string,
  { maxBytes = MAX_BYTES, hints, uniqueKeys = false, mergeKeys = false }: ReadingOptions,
  read: (reader: YamlReader, root: Place) => T,
): { readonly value?: T; readonly faults: readonly YamlFault[] } {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    const what = `has ${bytes} bytes; at most ${maxBytes} (${maxBytes / 1024} KiB) are allowed${hints?.bytes ?? ''}`;
    return { faults: [{ path: '', what }] };
  }
  const document = readYaml(text, uniqueKeys, hints?.documents ?? '');
  if (document.faults.length > 0) {
    return { faults: document.faults.map(({ offset, what }) => ({ place: document.placeOf(offset), path: '', what })) };
  }
  const reader = new YamlReader(document, mergeKeys);
  try {
    const value = read(reader, reader.root());
    if (reader.faults.length === 0) return { value, faults: [] };
  } catch (error) {
    if (!(error instanceof ReadingStopped)) throw error;
  }
  return { faults: reader.faults };
}
