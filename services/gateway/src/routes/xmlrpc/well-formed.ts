import { FAULT, XmlRpcFault } from './fault.js';

const NAME = String.raw`[\p{L}_:][\p{L}\p{M}\p{N}_.:\-]*`;
const ATTRIBUTE = String.raw`\s+NAME\s*=\s*(?:"[^"<]*"|'[^'<]*')`.replace('NAME', NAME);
/** Each piece of a document begins where the one before ends. */
const PIECE = new RegExp(
  [
    String.raw`(?<text>[^<]+|<!\[CDATA\[.*?\]\]>)`,
    '<!--.*?-->',
    String.raw`<\?.*?\?>`,
    String.raw`</(?<closed>${NAME})\s*>`,
    String.raw`<(?<opened>${NAME})(?<attributes>(?:${ATTRIBUTE})*)\s*(?<empty>/?)>`,
  ].join('|'),
  'gsuy',
);
const ATTRIBUTE_NAME = new RegExp(String.raw`(${NAME})\s*=\s*(?:"[^"]*"|'[^']*')`, 'gu');

type Groups = Readonly<Record<string, string | undefined>>;

/**
 * Throws a fault, with line and column, when the tags of a text do not fit each other, which the parser would not notice.
 * References are checked where they are replaced, and the number of roots where the root is taken.
 */
export function assertWellFormed(text: string): void {
  const open: string[] = [];
  let end = 0;
  for (const { 0: piece, index, groups = {} } of text.matchAll(PIECE)) {
    const fault = faultOf(groups, open);
    if (fault !== undefined) throw notWellFormed(text, index, fault);
    end = index + piece.length;
  }
  if (end < text.length) throw notWellFormed(text, end, 'neither a tag nor a comment begins with this <');
  if (open.length > 0) throw notWellFormed(text, end, `<${open.at(-1) ?? ''}> is not closed`);
}

/** What is wrong with a piece inside the elements that are open, which it opens or closes. */
function faultOf({ text, closed, opened, attributes = '', empty }: Groups, open: string[]): string | undefined {
  if (text !== undefined) return open.length > 0 || text.trim() === '' ? undefined : 'text outside of an element';
  if (closed !== undefined) {
    const last = open.pop();
    return last === closed ? undefined : `</${closed}> closes ${last === undefined ? 'nothing' : `<${last}>`}`;
  }
  if (opened === undefined) return undefined;
  if (empty === '') open.push(opened);
  const names = [...attributes.matchAll(ATTRIBUTE_NAME)].map(([, name]) => name);
  return new Set(names).size === names.length ? undefined : `an attribute of <${opened}> is given twice`;
}

function notWellFormed(text: string, index: number, what: string): XmlRpcFault {
  const lines = text.slice(0, index).split('\n');
  const where = `line ${String(lines.length)}, column ${String((lines.at(-1) ?? '').length + 1)}`;
  return new XmlRpcFault(FAULT.NOT_WELL_FORMED, `the XML cannot be read: ${where}: ${what}`);
}
