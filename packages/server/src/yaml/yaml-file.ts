import { readFileSync } from 'node:fs';
import type { Node, Pair, Scalar } from 'yaml';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';

/** Keys and indexes from the root. */
export type ConfigPath = readonly (string | number)[];

/** A fault in a file, with where it is. */
export interface YamlFault {
  /** `berth.yaml:3:5` */
  readonly where: string;
  readonly message: string;
}

/** A YAML file as plain values that knows where each value stands. */
export interface YamlFile {
  readonly value: unknown;
  readonly faults: readonly YamlFault[];
  /** `berth.yaml:3:5` for the key at the path, or of its nearest parent that the file has. */
  readonly locate: (path: ConfigPath) => string;
}

/** Reads a file. One that cannot be read, or is no YAML, gives faults and no value. */
export function readYamlFile(file: string): YamlFile {
  try {
    return parseYamlText(readFileSync(file, 'utf8'), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    return { value: undefined, faults: [{ where: file, message: why }], locate: () => file };
  }
}

export function parseYamlText(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${String(line)}:${String(col)}`;
  };
  const faults = document.errors.map(({ pos, message }) => ({ where: at(pos[0]), message }));
  return {
    value: faults.length === 0 ? (document.toJS() as unknown) : undefined,
    faults,
    locate: (path) => at(offsetOf(document.contents, path)),
  };
}

/** Where the last key of the path begins, as far down as the document goes. */
function offsetOf(root: Node | null, path: ConfigPath): number {
  let node: Node | null = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = (node.items as Pair<Scalar, Node | null>[]).find((item) => item.key.value === key);
      if (pair === undefined) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = (node.items[key] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
