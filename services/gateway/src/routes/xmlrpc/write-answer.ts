import XMLBuilder from 'fast-xml-builder';
import type { XmlRpcFault } from './fault.js';

/** What a method answers: null is `<nil/>`, bytes are base64, a number is whole. */
export type XmlRpcAnswer = null | boolean | number | string | Uint8Array | { readonly [name: string]: XmlRpcAnswer };

const LARGEST_INT = 0x7fffffff;

const builder = new XMLBuilder({ suppressEmptyNode: true });

/** The document that answers a call. */
export function writeAnswer(answer: XmlRpcAnswer): string {
  return document({ params: { param: valueOf(answer) } });
}

/** The document that says why a call failed. */
export function writeFault({ code, message }: XmlRpcFault): string {
  return document({ fault: valueOf({ faultCode: code, faultString: message }) });
}

function document(content: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ methodResponse: content })}\n`;
}

function valueOf(answer: XmlRpcAnswer): object {
  return { value: typed(answer) };
}

function typed(answer: XmlRpcAnswer): object {
  if (answer === null) return { nil: '' };
  if (typeof answer === 'boolean') return { boolean: answer ? 1 : 0 };
  if (typeof answer === 'number') return Math.abs(answer) <= LARGEST_INT ? { int: answer } : { i8: answer };
  if (typeof answer === 'string') return { string: onlyCharacters(answer) };
  if (answer instanceof Uint8Array) return { base64: Buffer.from(answer).toString('base64') };
  const member = Object.entries(answer).map(([name, value]) => ({ name, ...valueOf(value) }));
  return { struct: { member } };
}

/** XML has no way to write control characters and halves of characters, which a text of somebody may have. */
function onlyCharacters(text: string): string {
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
