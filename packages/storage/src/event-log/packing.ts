/** The events of one entry as one blob: for each, its length as a 32-bit big-endian number, then its bytes. */
export function packEvents(events: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const event of events) size += 4 + event.length;
  const packed = Buffer.allocUnsafe(size);
  let at = 0;
  for (const event of events) {
    packed.writeUInt32BE(event.length, at);
    packed.set(event, at + 4);
    at += 4 + event.length;
  }
  return packed;
}

/** The events of a blob made by `packEvents`, as views into it. Throws RangeError for a blob that was cut. */
export function unpackEvents(blob: Uint8Array): Uint8Array[] {
  const packed = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const events: Uint8Array[] = [];
  let at = 0;
  while (at < packed.length) {
    const end = at + 4 + packed.readUInt32BE(at);
    if (end > packed.length) throw new RangeError(`an event ends at byte ${String(end)} of ${String(packed.length)}`);
    events.push(packed.subarray(at + 4, end));
    at = end;
  }
  return events;
}
