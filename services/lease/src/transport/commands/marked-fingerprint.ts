import { fieldMarks } from '@berth/kernel';
import { payloadFingerprint } from '@berth/server';

/** The fingerprint of a call, and after a dot the marks by which the field is found that differs in another call. */
export function markedFingerprint(method: string, owner: string, payload: Uint8Array): string {
  return `${payloadFingerprint(method, owner, payload)}.${fieldMarks(`${method} ${owner}`, payload)}`;
}
