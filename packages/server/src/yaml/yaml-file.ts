import { readFileSync } from 'node:fs';
import type { ReadingOptions } from './read-yaml-text.js';
import { readYamlText } from './read-yaml-text.js';
import type { Place, YamlPath, YamlReader } from './yaml-reader.js';

/** A fault in a file. */
export interface FileFault {
  /** Where it is: `berth.yaml:3:5`; also BERTH_LISTEN or `--listen` for a setting that comes from there. */
  readonly where: string;
  /** The setting: `lease.backfill`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

/** A YAML file as plain values that knows where each value stands. */
export interface YamlFile {
  /** Undefined when there are faults, null for a file with nothing in it. */
  readonly value: unknown;
  readonly faults: readonly FileFault[];
  /** `berth.yaml:3:5` for the key at the path, or of its nearest parent that the file has. */
  readonly locate: (path: YamlPath) => string;
}

/** Reads a file. One that cannot be read, or is no YAML, gives faults and no value. */
export function readYamlFile(file: string): YamlFile {
  try {
    return parseYamlText(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return { value: undefined, faults: [{ where: file, path: '', message: whyUnreadable(error) }], locate: () => file };
  }
}

/** Why a file cannot be read. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
}

/** Reads a text; `file` is what it is called in faults. */
export function parseYamlText(text: string, file: string, options: ReadingOptions = { uniqueKeys: true }): YamlFile {
  const places = new Map<string, string>();
  const whereIs = (place: ReturnType<YamlReader['placeOf']>): string => `${file}:${place.line}:${place.column}`;
  const { value, faults } = readYamlText(text, options, (reader, root) => {
    const note = (path: YamlPath, at: Place): void => {
      places.set(JSON.stringify(path), whereIs(reader.placeOf(at)));
    };
    note([], root);
    return reader.plain(root, note);
  });
  return {
    value,
    faults: faults.map(({ place, path, what }) => ({ where: place ? whereIs(place) : file, path, message: what })),
    locate: (path) => {
      for (let length = path.length; length >= 0; length -= 1) {
        const found = places.get(JSON.stringify(path.slice(0, length)));
        if (found !== undefined) return found;
      }
      return file;
    },
  };
}
