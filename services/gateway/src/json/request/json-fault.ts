/** What is wrong with a JSON text, and where. */
export interface JsonFault {
  /** Where it is wrong, in UTF-16 units from the beginning. */
  readonly offset: number;
  readonly fault: string;
}

const TOKEN =
  // eslint-disable-next-line no-control-regex -- JSON forbids them in a text
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)|$)/y;
const SPACE = /[ \t\n\r]*/y;

type Expected = 'value' | 'first key' | 'key' | 'colon' | 'first item' | 'comma' | 'end';

const WANTED: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'first key': "a field's name in double quotes, or }",
  key: "a field's name in double quotes",
  colon: '":"',
  'first item': 'a value, or ]',
  comma: '"," or the end of this object or list',
  end: 'nothing more',
};

/** An object that is being read (its names so far), or a list. */
type Open = Set<string> | 'list';

/**
 * The first fault of a text that is not JSON, or that names a field twice in one object: JSON.parse would take the last one
 * silently, and has no position for most of its faults. Undefined for a text without a fault.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const open: Open[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = skipSpace(text, at);
    if (match === null) return { offset: start, fault: unexpected(text, start, expected) };
    const [token, mark, string] = match;
    at = TOKEN.lastIndex;
    // Only the end of the text matches as nothing.
    if (start === at)
      return expected === 'end' ? undefined : { offset: start, fault: unexpected(text, start, expected) };
    const value = token.length > 0 && mark === undefined;
    if (value && string !== undefined && (expected === 'key' || expected === 'first key')) {
      const name = JSON.parse(string) as string;
      const names = open.at(-1) as Set<string>;
      if (names.has(name)) return { offset: start, fault: `the field ${string} is in this object twice` };
      names.add(name);
      expected = 'colon';
      continue;
    }
    const next: Expected | undefined = value ? afterValue(expected, open) : afterMark(mark ?? '', expected, open);
    if (next === undefined) return { offset: start, fault: unexpected(text, start, expected) };
    expected = next;
  }
}

/** Line and column of an offset, from 1. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

function afterValue(expected: Expected, open: readonly Open[]): Expected | undefined {
  if (expected !== 'value' && expected !== 'first item') return undefined;
  return open.length === 0 ? 'end' : 'comma';
}

function afterMark(mark: string, expected: Expected, open: Open[]): Expected | undefined {
  const takesValue = expected === 'value' || expected === 'first item';
  const inList = open.at(-1) === 'list';
  switch (mark) {
    case '{':
      if (takesValue) open.push(new Set());
      return takesValue ? 'first key' : undefined;
    case '[':
      if (takesValue) open.push('list');
      return takesValue ? 'first item' : undefined;
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    case ',':
      if (expected !== 'comma') return undefined;
      return inList ? 'value' : 'key';
    default: {
      const closes = mark === ']' ? inList : !inList && open.length > 0;
      if (!closes || (expected !== 'comma' && expected !== (inList ? 'first item' : 'first key'))) return undefined;
      open.pop();
      return open.length === 0 ? 'end' : 'comma';
    }
  }
}

function unexpected(text: string, at: number, expected: Expected): string {
  if (expected === 'end' && at < text.length) return 'a second value begins here; a request has one';
  const found =
    at >= text.length
      ? 'the end'
      : `'${text
          .slice(at, at + 12)
          .split('\n', 1)
          .join('')}'`;
  return `found ${found} instead of ${WANTED[expected]}`;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}
