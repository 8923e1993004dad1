import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';

type Commented = DescMessage | DescField | DescEnum | DescService | DescMethod;

// The numbers of the fields of google/protobuf/descriptor.proto, of which the paths of comments are made.
const MESSAGES_OF_FILE = 4;
const ENUMS_OF_FILE = 5;
const SERVICES_OF_FILE = 6;
const FIELDS_OF_MESSAGE = 2;
const MESSAGES_OF_MESSAGE = 3;
const ENUMS_OF_MESSAGE = 4;
const METHODS_OF_SERVICE = 2;
const VALUES_OF_ENUM = 2;

/** The comments of proto files. */
export class Comments {
  readonly #ofFiles = new Map<DescFile, ReadonlyMap<string, string>>();

  /** The comment before a definition, its lines joined to paragraphs; empty when it has none. */
  of(definition: Commented): string {
    return this.#at(fileOf(definition), pathOf(definition));
  }

  /** The comment of a value of an enum. */
  ofValue(type: DescEnum, index: number): string {
    return this.#at(type.file, [...pathOf(type), VALUES_OF_ENUM, index]);
  }

  #at(file: DescFile, path: readonly number[]): string {
    let comments = this.#ofFiles.get(file);
    if (comments === undefined) {
      const locations = file.proto.sourceCodeInfo?.location ?? [];
      comments = new Map(locations.map((one) => [one.path.join('.'), paragraphs(one.leadingComments)]));
      this.#ofFiles.set(file, comments);
    }
    return comments.get(path.join('.')) ?? '';
  }
}

function fileOf(definition: Commented): DescFile {
  return definition.kind === 'field' || definition.kind === 'rpc' ? definition.parent.file : definition.file;
}

function pathOf(definition: Commented): readonly number[] {
  switch (definition.kind) {
    case 'message': {
      const { parent, proto, file } = definition;
      if (parent === undefined) return [MESSAGES_OF_FILE, file.proto.messageType.indexOf(proto)];
      return [...pathOf(parent), MESSAGES_OF_MESSAGE, parent.proto.nestedType.indexOf(proto)];
    }
    case 'enum': {
      const { parent, proto, file } = definition;
      if (parent === undefined) return [ENUMS_OF_FILE, file.proto.enumType.indexOf(proto)];
      return [...pathOf(parent), ENUMS_OF_MESSAGE, parent.proto.enumType.indexOf(proto)];
    }
    case 'service':
      return [SERVICES_OF_FILE, definition.file.proto.service.indexOf(definition.proto)];
    case 'field':
      return [...pathOf(definition.parent), FIELDS_OF_MESSAGE, definition.parent.proto.field.indexOf(definition.proto)];
    case 'rpc':
      return [
        ...pathOf(definition.parent),
        METHODS_OF_SERVICE,
        definition.parent.proto.method.indexOf(definition.proto),
      ];
  }
}

/** The lines of a comment as they were wrapped, as paragraphs; blank lines part them. */
function paragraphs(comment = ''): string {
  const lines = comment.split('\n').map((line) => line.trim());
  return lines
    .join('\n')
    .split(/\n{2,}/)
    .map((part) => part.split('\n').join(' ').trim())
    .filter((part) => part !== '')
    .join('\n\n');
}
