/** A control character that a bench's property may not have, besides new line and tab. */
// eslint-disable-next-line no-control-regex -- it is about control characters
const UNSAFE = /[\u0000-\u0008\u000B-\u001F\u007F]/;

/** What a holder gets of a resource's data (base64): as `data`, or as `data_base64` where a property cannot hold it. */
export function benchProperties(data: string): Readonly<Record<string, string>> {
  const text = textOf(data);
  return text === undefined || UNSAFE.test(text) ? { data_base64: data } : { data: text };
}

/** Base64 as text; undefined when it is no UTF-8. */
function textOf(data: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
