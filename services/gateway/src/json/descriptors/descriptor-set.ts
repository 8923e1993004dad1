import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** Reads what buf made of all protos: the descriptors of every service, with comments. */
export async function readDescriptorSet(): Promise<FileDescriptorSet> {
  const file = fileURLToPath(import.meta.resolve('@berth/proto/descriptor.binpb'));
  return fromBinary(FileDescriptorSetSchema, await readFile(file));
}
