import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { DescriptorProto, FieldDescriptorProto } from '@berth/proto/google/protobuf/descriptor';
import { FileDescriptorProto } from '@berth/proto/google/protobuf/descriptor';

interface DescribedFile {
  readonly bytes: Buffer;
  readonly dependencies: readonly string[];
}

const FILE_FIELD = 1;

/** The files of a google.protobuf.FileDescriptorSet, found by name, by symbol and by extension. */
export class DescriptorFiles {
  readonly #files = new Map<string, DescribedFile>();
  readonly #symbols = new Map<string, string>();
  readonly #extensions = new Map<string, Map<number, string>>();

  constructor(set: Uint8Array) {
    // The bytes of each file are passed on as they are: decoding and encoding again would lose options that are extensions.
    for (const bytes of filesOf(set)) this.#add(bytes);
  }

  /** A file and all that it imports; undefined when there is none of this name. */
  named(name: string): readonly Buffer[] | undefined {
    if (!this.#files.has(name)) return undefined;
    const names = new Set([name]);
    for (const one of names) for (const imported of this.#files.get(one)?.dependencies ?? []) names.add(imported);
    return [...names].flatMap((one) => this.#files.get(one)?.bytes ?? []);
  }

  /** The file that defines a service, method, message, field, enum or enum value, and all that it imports. */
  withSymbol(symbol: string): readonly Buffer[] | undefined {
    const file = this.#symbols.get(symbol);
    return file === undefined ? undefined : this.named(file);
  }

  withExtension(type: string, number: number): readonly Buffer[] | undefined {
    const file = this.#extensions.get(type)?.get(number);
    return file === undefined ? undefined : this.named(file);
  }

  /** The numbers of a message's extensions. */
  extensionsOf(type: string): readonly number[] {
    return [...(this.#extensions.get(type)?.keys() ?? [])];
  }

  #add(bytes: Buffer): void {
    const file = FileDescriptorProto.decode(bytes);
    const name = file.name ?? '';
    const scope = file.package ?? '';
    this.#files.set(name, { bytes, dependencies: file.dependency });
    const define = (symbol: string): void => {
      this.#symbols.set(symbol, name);
    };
    for (const service of file.service) {
      const full = within(scope, service.name);
      define(full);
      for (const method of service.method) define(within(full, method.name));
    }
    for (const message of file.messageType) this.#addMessage(scope, message, name, define);
    for (const { name: enumName } of file.enumType) define(within(scope, enumName));
    this.#addExtensions(file.extension, scope, name, define);
  }

  #addMessage(scope: string, message: DescriptorProto, file: string, define: (symbol: string) => void): void {
    const full = within(scope, message.name);
    define(full);
    for (const field of message.field) define(within(full, field.name));
    for (const { name } of message.enumType) define(within(full, name));
    for (const nested of message.nestedType) this.#addMessage(full, nested, file, define);
    this.#addExtensions(message.extension, full, file, define);
  }

  #addExtensions(
    extensions: readonly FieldDescriptorProto[],
    scope: string,
    file: string,
    define: (symbol: string) => void,
  ): void {
    for (const { name, extendee = '', number = 0 } of extensions) {
      define(within(scope, name));
      const type = extendee.replace(/^\./, '');
      const numbers = this.#extensions.get(type) ?? new Map<number, string>();
      this.#extensions.set(type, numbers.set(number, file));
    }
  }
}

function within(scope: string, name = ''): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function* filesOf(set: Uint8Array): Iterable<Buffer> {
  const reader = new BinaryReader(set);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === FILE_FIELD) yield Buffer.from(reader.bytes());
    else reader.skip(wireType, field);
  }
}
