import type { Caller } from '@berth/server';

/** Text that metadata carries unharmed: of printable ASCII, without the space around it that some peers drop. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The metadata by which a service says for whom it calls; values of names that end in `-bin` are bytes. */
export function callerMetadata({ name, role, team, benches }: Caller): Record<string, string | Uint8Array> {
  return {
    ...told('berth-user', name),
    'berth-role': role,
    ...(team !== undefined && told('berth-team', team)),
    ...(benches !== undefined && { 'berth-benches': asciiJson(benches) }),
  };
}

function told(key: string, text: string): Record<string, string | Uint8Array> {
  return PLAIN.test(text) ? { [key]: text } : { [`${key}-bin`]: new TextEncoder().encode(text) };
}

function asciiJson(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[^ -~]/g, escaped);
}
