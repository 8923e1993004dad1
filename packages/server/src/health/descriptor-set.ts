import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Reads the descriptors of all protos, with their comments: an encoded google.protobuf.FileDescriptorSet. */
export function readDescriptorSet(): Promise<Buffer> {
  return readFile(fileURLToPath(import.meta.resolve('@berth/proto/descriptor.binpb')));
}
