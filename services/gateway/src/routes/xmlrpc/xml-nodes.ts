import { XMLParser } from 'fast-xml-parser';
import { FAULT, XmlRpcFault } from './fault.js';
import { assertWellFormed } from './well-formed.js';

/** An element: its name, and what is in it in the order of the text. A text between two elements is a string. */
export interface XmlNode {
  readonly name: string;
  readonly content: readonly (XmlNode | string)[];
}

/** More than any call needs: methodCall, params, param, value, array, data, value, string. */
const DEEPEST = 24;
const TEXT = '#text';
const CDATA = '#cdata';
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What the parser gives: an object with the name of the element (or `#text`, `#cdata`) as its only key. */
type Parsed = Readonly<Record<string, unknown>>;

// Entities are replaced here, so that one that a document type would declare is refused, and never expanded.
const parser = new XMLParser({
  preserveOrder: true,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: DEEPEST,
});

/** The root element of a document. Throws a fault for what is not well-formed, too deep, or has a document type. */
export function parseXml(bytes: Uint8Array): XmlNode {
  const text = decodeUtf8(bytes);
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) {
    throw new XmlRpcFault(FAULT.NOT_WELL_FORMED, 'a document type is not allowed: leave out <!DOCTYPE …>');
  }
  const [root, ...others] = nodesOf(parsed(text)).filter((node) => typeof node !== 'string');
  if (root !== undefined && others.length === 0) return root;
  throw new XmlRpcFault(FAULT.NOT_WELL_FORMED, 'exactly one root element is expected');
}

function decodeUtf8(bytes: Uint8Array): string {
  // The declaration is of ASCII in every encoding that could be read here.
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const encoding = /^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(encoding)) {
    throw new XmlRpcFault(FAULT.ENCODING, `encoding ${encoding} is not understood: send UTF-8`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new XmlRpcFault(FAULT.ENCODING, 'the body is not UTF-8', { cause });
  }
}

function parsed(text: string): readonly Parsed[] {
  assertWellFormed(text);
  try {
    return parser.parse(text) as readonly Parsed[];
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new XmlRpcFault(FAULT.NOT_WELL_FORMED, `the XML cannot be read: ${what}`, { cause: error });
  }
}

function nodesOf(content: readonly Parsed[]): (XmlNode | string)[] {
  return content.flatMap((each): (XmlNode | string)[] => {
    const name = Object.keys(each).find((key) => key !== ':@') ?? '';
    const value = each[name];
    if (name === TEXT) return [replaceReferences(String(value))];
    const inside = value as readonly Parsed[];
    if (name === CDATA) return [inside.map(({ [TEXT]: part }) => (typeof part === 'string' ? part : '')).join('')];
    return [{ name, content: nodesOf(inside) }];
  });
}

function replaceReferences(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const code = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
    const point = code === null ? NaN : code[1] === undefined ? Number(code[2]) : parseInt(code[1], 16);
    const character = code === null ? REFERENCES[name] : isCharacter(point) ? String.fromCodePoint(point) : undefined;
    if (character !== undefined && whole.endsWith(';')) return character;
    throw new XmlRpcFault(FAULT.NOT_WELL_FORMED, `&${name.slice(0, 40)}; is not known: no entity can be declared`);
  });
}

/** What XML 1.0 allows in a document. */
function isCharacter(point: number): boolean {
  if (point < 0x20) return point === 9 || point === 10 || point === 13;
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}
