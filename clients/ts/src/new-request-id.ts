import { randomBytes } from 'node:crypto';

/**
 * A new request id: a UUID of version 7 (RFC 9562), which begins with the time. Servers remember ids for a day, and ids that
 * rise are cheaper to keep in order than random ones: they fall onto the same page.
 */
export function newRequestId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
