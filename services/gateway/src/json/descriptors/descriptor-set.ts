import { clearField, fromBinary } from '@bufbuild/protobuf';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { readDescriptorSet } from '@berth/server';

/** Loads the descriptors of all protos; with their comments, which are more than half of the memory, where these are needed. */
export async function loadDescriptorSet({ comments = false } = {}): Promise<FileDescriptorSet> {
  const set = fromBinary(FileDescriptorSetSchema, await readDescriptorSet());
  if (!comments) for (const file of set.file) clearField(file, FileDescriptorProtoSchema.field.sourceCodeInfo);
  return set;
}
