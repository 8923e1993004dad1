import { FAULT, XmlRpcFault } from './fault.js';
import { parseXml, type XmlNode } from './xml-nodes.js';

/** A value of a call. Of the types that no method takes, only the name is known. */
export type XmlRpcValue =
  | { readonly type: 'nil' }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly items: readonly XmlRpcValue[] }
  | { readonly type: 'boolean' | 'double' | 'base64' | 'struct' | 'dateTime' };

/** A method that is called, and with what. */
export interface XmlRpcCall {
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
}

/** Reads the body of a call. Throws an `XmlRpcFault` that says what is wrong with it. */
export function readCall(body: Uint8Array): XmlRpcCall {
  const root = parseXml(body);
  if (root.name !== 'methodCall') throw notACall(`<methodCall> is expected, got <${root.name}>`);
  const method = textOf(only(root, 'methodName')).trim();
  const params = root.content.filter(isNode).find(({ name }) => name === 'params');
  return { method, params: params === undefined ? [] : elementsOf(params, 'param').map(paramValue) };
}

function paramValue(param: XmlNode): XmlRpcValue {
  return readValue(only(param, 'value'));
}

function readValue(value: XmlNode): XmlRpcValue {
  const elements = value.content.filter(isNode);
  const [typed] = elements;
  // A value without a type is a text.
  if (typed === undefined) return { type: 'string', value: textOf(value) };
  if (elements.length > 1) throw notACall('a <value> holds one type');
  switch (typed.name) {
    case 'nil':
      return { type: 'nil' };
    case 'int':
    case 'i4':
    case 'i8':
      return { type: 'int', value: wholeNumber(textOf(typed)) };
    case 'string':
      return { type: 'string', value: textOf(typed) };
    case 'array':
      return { type: 'array', items: elementsOf(only(typed, 'data'), 'value').map(readValue) };
    case 'boolean':
    case 'double':
    case 'base64':
    case 'struct':
      return { type: typed.name };
    case 'dateTime.iso8601':
      return { type: 'dateTime' };
    default:
      throw notACall(`<${typed.name}> is not a type of XML-RPC`);
  }
}

function wholeNumber(text: string): number {
  const number = Number(text.trim());
  if (/^\s*[+-]?\d+\s*$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new XmlRpcFault(FAULT.WRONG_PARAMS, `"${text.slice(0, 40)}" is not a whole number`);
}

function isNode(part: XmlNode | string): part is XmlNode {
  return typeof part !== 'string';
}

/** The elements within another, which must all have this name. */
function elementsOf({ name: outer, content }: XmlNode, name: string): XmlNode[] {
  const elements = content.filter(isNode);
  const stray = elements.find((one) => one.name !== name);
  if (stray === undefined) return elements;
  throw notACall(`<${stray.name}> does not belong into <${outer}>: only <${name}> does`);
}

function only({ name: outer, content }: XmlNode, name: string): XmlNode {
  const [found, ...others] = content.filter(isNode).filter((one) => one.name === name);
  if (found !== undefined && others.length === 0) return found;
  throw notACall(`<${outer}> must have exactly one <${name}>`);
}

function textOf({ name, content }: XmlNode): string {
  return content
    .map((part) => {
      if (isNode(part)) throw notACall(`<${name}> holds text, got <${part.name}>`);
      return part;
    })
    .join('');
}

function notACall(why: string): XmlRpcFault {
  return new XmlRpcFault(FAULT.NOT_A_CALL, `this is not a call of XML-RPC: ${why}`);
}
