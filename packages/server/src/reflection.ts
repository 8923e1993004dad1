import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

const FILE_FIELD = 1;

type Package = ConstructorParameters<typeof ReflectionService>[0];

/**
 * Adds server reflection (v1 and v1alpha) for the named services, with the comments of the proto files.
 *
 * The descriptor set goes to @grpc/reflection as it is: taken through @grpc/proto-loader, as its manual says, it loses
 * comments and the import of google/protobuf/timestamp.proto, and clients refuse it. For the same reason services of
 * packages that bring their own proto files (health) are not shown.
 */
export async function addReflection(server: Server, services: readonly string[]): Promise<void> {
  const set = await readFile(fileURLToPath(import.meta.resolve('@berth/proto/descriptor.binpb')));
  // The only part of a package definition that the service reads.
  const files = { fileDescriptorProtos: filesOf(set) } as unknown as Package[string];
  new ReflectionService({ files }, { services: [...services] }).addToServer(server);
}

/** The bytes of each file of a google.protobuf.FileDescriptorSet. */
function filesOf(set: Uint8Array): Buffer[] {
  const reader = new BinaryReader(set);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === FILE_FIELD) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType, field);
  }
  return files;
}
