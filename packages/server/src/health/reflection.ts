import type { ServerReflectionRequest, ServerReflectionResponse } from '@berth/proto/grpc/reflection/v1/reflection';
import { ServerReflectionDefinition } from '@berth/proto/grpc/reflection/v1/reflection';
import { status } from '@grpc/grpc-js';
import type { DescriptorFiles } from './descriptor-files.js';
import type { ServedService } from '../calls/service-definition.js';
import { servedService } from '../calls/service-definition.js';
import { readDescriptorSet } from './descriptor-set.js';

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/**
 * Server reflection, v1 and v1alpha, for the named services, with the comments of the proto files: what grpcurl and buf
 * curl need to list, describe and call without proto files. The descriptors are read at the first question.
 */
export function reflectionServices(names: readonly string[]): readonly ServedService[] {
  let files: Promise<DescriptorFiles> | undefined;
  const load = (): Promise<DescriptorFiles> => (files ??= loadFiles());
  const implementation = {
    async serverReflectionInfo(
      requests: AsyncIterable<ServerReflectionRequest>,
      _call: unknown,
      out: { write(message: ServerReflectionResponse): Promise<boolean> },
    ): Promise<void> {
      for await (const request of requests) {
        const messageResponse = answerTo(request, names, await load());
        if (!(await out.write({ validHost: request.host, originalRequest: request, messageResponse }))) return;
      }
    },
  };
  // Both versions have the same messages, but for their package.
  const v1alpha = { ...ServerReflectionDefinition, fullName: 'grpc.reflection.v1alpha.ServerReflection' as const };
  const access = { serverReflectionInfo: 'open' } as const;
  return [
    servedService(ServerReflectionDefinition, implementation, access),
    servedService(v1alpha, implementation, access),
  ];
}

async function loadFiles(): Promise<DescriptorFiles> {
  // Large, and needed by those who ask only: it would double the time to start.
  const { DescriptorFiles: Files } = await import('./descriptor-files.js');
  return new Files(await readDescriptorSet());
}

function answerTo(
  { messageRequest }: ServerReflectionRequest,
  names: readonly string[],
  files: DescriptorFiles,
): Answer {
  switch (messageRequest?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: names.map((name) => ({ name })) } };
    case 'fileByFilename':
      return found(files.named(messageRequest.value), `no file '${messageRequest.value}'`);
    case 'fileContainingSymbol':
      return found(files.withSymbol(messageRequest.value), `no symbol '${messageRequest.value}'`);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = messageRequest.value;
      const what = `no extension ${String(extensionNumber)} of '${containingType}'`;
      return found(files.withExtension(containingType, extensionNumber), what);
    }
    case 'allExtensionNumbersOfType': {
      const extensionNumber = files.extensionsOf(messageRequest.value);
      const value = { baseTypeName: messageRequest.value, extensionNumber: [...extensionNumber] };
      return { $case: 'allExtensionNumbersResponse', value };
    }
    case undefined:
      return failed(status.INVALID_ARGUMENT, 'the request asks for nothing');
  }
}

function found(files: readonly Buffer[] | undefined, otherwise: string): Answer {
  if (files === undefined) return failed(status.NOT_FOUND, otherwise);
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: [...files] } };
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
