import type { Node, Pair } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import { didYouMean } from '@berth/kernel';
import { quoted } from '../requests/text-rules.js';
import type { YamlDocument } from './yaml-document.js';

/** A value in the text: where it stands, and its path. */
export interface Place {
  readonly node: Node | undefined;
  readonly offset: number;
  readonly path: string;
}

export interface Entry {
  readonly key: string;
  /** Where the key stands; its path is the value's. */
  readonly at: Place;
  readonly value: Place;
}

/** A fault in a text; without a place it is one of the text as a whole. */
export interface YamlFault {
  readonly place?: { readonly line: number; readonly column: number };
  /** `pool.resources.r1`; empty for the whole. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly what: string;
}

/** Keys and indexes from the root. */
export type YamlPath = readonly (string | number)[];

/** Thrown when so much was found that reading on would be of no use. */
export class ReadingStopped extends Error {}

const MAX_FAULTS = 200;
/** Of plain data; only aliases within aliases get there. */
const MAX_DEPTH = 100;
/** Characters, with a few more for each value: about nine times what a file without aliases can hold. */
const MAX_EXPANDED = 8 << 20;
const COST_OF_VALUE = 8;

/** Reads values of a YAML document and notes every fault with line, column and path. */
export class YamlReader {
  readonly #faults: YamlFault[] = [];
  #cost = 0;

  /** `mergeKeys`: `<<` takes over entries of other mappings, in what is read as plain data. */
  constructor(
    private readonly document: YamlDocument,
    private readonly mergeKeys: boolean,
  ) {}

  get faults(): readonly YamlFault[] {
    return this.#faults;
  }

  /** The whole document as a place; its path is empty, and it has no node when nothing is in the text. */
  root(): Place {
    const { root: node } = this.document;
    return { node, offset: node?.range?.[0] ?? 0, path: '' };
  }

  fault(at: Place, what: string): void {
    this.#faults.push({ place: this.placeOf(at), path: at.path, what });
    if (this.#faults.length >= MAX_FAULTS) throw new ReadingStopped();
  }

  /** Line and column of a place; the first are 1. */
  placeOf({ offset }: Place): { readonly line: number; readonly column: number } {
    return this.document.placeOf(offset);
  }

  /** The entries of a mapping, without those whose key stands twice or is none of `allowed` (when given). */
  map(at: Place, what: string, allowed?: readonly string[]): readonly Entry[] {
    const node = this.#resolved(at);
    if (!isMap(node)) {
      this.fault(at, `${foundText(node)}; ${what} is expected`);
      return [];
    }
    const seen = new Map<string, Place>();
    const entries: Entry[] = [];
    for (const pair of node.items) {
      const entry = this.#entry(at, pair);
      if (entry === undefined) continue;
      const { key, at: keyAt } = entry;
      const before = seen.get(key);
      if (before !== undefined)
        this.fault(
          keyAt,
          `'${key}' stands twice, first in line ${this.placeOf(before).line}; remove one, or rename it`,
        );
      else if (allowed?.includes(key) === false) {
        this.fault(keyAt, `unknown key '${key}'${didYouMean(key, allowed)} Allowed here: ${allowed.join(', ')}`);
      } else entries.push(entry);
      seen.set(key, before ?? keyAt);
    }
    return entries;
  }

  /** The items of a list. */
  list(at: Place, what: string): readonly Place[] {
    const node = this.#resolved(at);
    if (isSeq(node)) {
      return node.items.map((item, i) => {
        const part = isNode(item) ? item : undefined;
        return { node: part, offset: part?.range?.[0] ?? at.offset, path: `${at.path}[${i}]` };
      });
    }
    this.fault(at, `${foundText(node)}; ${what} is expected`);
    return [];
  }

  /** Whether the value is a mapping. */
  isMap(at: Place): boolean {
    return isMap(this.#resolved(at));
  }

  /** A text. Numbers, true and false are faults: what was meant is not sure (0x10? 1.0?). */
  text(at: Place, fault: (text: string) => string | undefined): string {
    const node = this.#resolved(at);
    if (isScalar(node) && typeof node.value === 'string') {
      const wrong = fault(node.value);
      if (wrong !== undefined) this.fault(at, wrong);
      return node.value;
    }
    const quote = isScalar(node) && node.value !== null ? `; write it in quotes: "${node.source ?? ''}"` : '';
    this.fault(at, `${foundText(node)}; a text is expected${quote}`);
    return '';
  }

  /** A text; a number, true or false is taken exactly as it is written. */
  looseText(at: Place, fault: (text: string) => string | undefined): string {
    const node = this.#resolved(at);
    if (!isScalar(node) || node.value === null || typeof node.value === 'string') return this.text(at, fault);
    const text = node.source ?? '';
    const wrong = fault(text);
    if (wrong !== undefined) this.fault(at, wrong);
    return text;
  }

  /** A number; 0 when it is none, and then there is a fault. */
  number(at: Place, fault: (value: number) => string | undefined): number {
    const node = this.#resolved(at);
    if (!isScalar(node) || typeof node.value !== 'number') {
      this.fault(at, `${foundText(node)}; a whole number is expected`);
      return 0;
    }
    const wrong = fault(node.value);
    if (wrong !== undefined) this.fault(at, wrong);
    return node.value;
  }

  /** A value as plain data, with null for nothing; `note` is told where each part of it stands, by its path from here. */
  plain(at: Place, note: (path: YamlPath, at: Place) => void, path: YamlPath = []): unknown {
    if (path.length > MAX_DEPTH) {
      this.fault(at, 'too many levels of nesting');
      return null;
    }
    const part = (key: string | number, keyAt: Place, value: Place): unknown => {
      const below = [...path, key];
      note(below, keyAt);
      return this.plain(value, note, below);
    };
    const node = this.#resolved(at);
    if (isSeq(node)) return this.list(at, 'a list').map((item, i) => part(i, item, item));
    if (!isMap(node)) return isScalar(node) ? node.value : null;
    const entries = this.mergeKeys ? this.#merged(at, path.length) : this.map(at, 'a mapping');
    return Object.fromEntries(entries.map(({ key, at: keyAt, value }) => [key, part(key, keyAt, value)]));
  }

  /** The entries of a mapping, then those that it takes over by `<<`; of each key the first one. */
  #merged(at: Place, depth: number): readonly Entry[] {
    if (depth > MAX_DEPTH) {
      this.fault(at, 'too many levels of nesting');
      return [];
    }
    const all = this.map(at, 'a mapping');
    const entries = new Map<string, Entry>();
    for (const entry of all) if (!isMergeKey(entry)) entries.set(entry.key, entry);
    for (const { value } of all.filter(isMergeKey)) {
      const found = this.#resolved(value);
      for (const source of isSeq(found) ? this.list(value, 'a list') : [value]) {
        const mapping = source === value ? found : this.#resolved(source);
        if (isMap(mapping)) {
          for (const entry of this.#merged(source, depth + 1)) {
            if (!entries.has(entry.key)) entries.set(entry.key, entry);
          }
        } else if (mapping !== undefined || !isAlias(source.node)) {
          const what = 'after << a mapping, or a list of such, is expected, as in <<: *name';
          this.fault(source, `${foundText(mapping)}; ${what}`);
        }
      }
    }
    return [...entries.values()];
  }

  #entry(parent: Place, pair: Pair): Entry | undefined {
    const keyNode = isNode(pair.key) ? pair.key : undefined;
    const offset = keyNode?.range?.[0] ?? parent.offset;
    if (!isScalar(keyNode)) {
      this.fault({ ...parent, offset }, 'a key is not a plain name; write it as text');
      return undefined;
    }
    // A key such as 10 or true is a name as well: as it is written.
    const key = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? '');
    const path = childPath(parent.path, key);
    const node = isNode(pair.value) ? pair.value : undefined;
    const value = { node, offset: node?.range?.[0] ?? offset, path };
    this.#spend(key.length);
    return { key, at: { node: keyNode, offset, path }, value };
  }

  #resolved(at: Place): Node | undefined {
    const { node } = at;
    const target = isAlias(node) ? this.document.targetOf(node) : node;
    if (isAlias(node) && target === undefined)
      this.fault(at, `alias *${node.source} has no anchor &${node.source} before it`);
    this.#spend(isScalar(target) ? (target.source?.length ?? 0) : 0);
    return target;
  }

  /** Aliases can make a small file stand for a huge inventory. */
  #spend(characters: number): void {
    this.#cost += characters + COST_OF_VALUE;
    if (this.#cost <= MAX_EXPANDED) return;
    const what = 'the file grows too large when its aliases (*name) are resolved; write less by alias';
    this.#faults.push({ path: '', what });
    throw new ReadingStopped();
  }
}

/** In quotes it is a key like others. */
function isMergeKey({ key, at: { node } }: Entry): boolean {
  return key === '<<' && isScalar(node) && node.type === 'PLAIN';
}

/** `pool.resources.r1`, or `pool.resources["lab.1"]` for a key that would not read well after a dot. */
function childPath(parent: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${parent}[${quoted(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

function foundText(node: Node | undefined): string {
  if (isMap(node)) return 'is a mapping (key: value)';
  if (isSeq(node)) return 'is a list';
  if (!isScalar(node) || node.value === null) return 'is empty';
  if (typeof node.value === 'string') return `is the text ${quoted(node.value)}`;
  return `is the ${typeof node.value} ${node.source ?? ''}`;
}
