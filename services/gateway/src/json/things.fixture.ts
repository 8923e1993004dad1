import type { JsonObject } from '@bufbuild/protobuf';
import { clone, createFileRegistry, create, fromJson } from '@bufbuild/protobuf';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import {
  file_google_protobuf_wrappers as wrappers,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { loadDescriptorSet } from './descriptors/descriptor-set.js';

/** A method of the service for tests: its rule, and where it is not unary. */
export interface ThingMethod {
  readonly rule: JsonObject;
  readonly input?: string;
  readonly output?: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** Messages with every kind of field that JSON and queries can have, and a service whose methods the test says. */
export async function thingsSet(methods: Readonly<Record<string, ThingMethod>>): Promise<FileDescriptorSet> {
  const own = await loadDescriptorSet();
  const file = fromJson(FileDescriptorProtoSchema, fileJson(methods), { registry: createFileRegistry(own) });
  const set = clone(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, { file: [...own.file, wrappers.proto, file] }),
  );
  return { ...set, file: set.file.filter(({ package: name }) => !name.startsWith('berth.')) };
}

function fileJson(methods: Readonly<Record<string, ThingMethod>>): JsonObject {
  return {
    name: 'test/v1/things.proto',
    package: 'test.v1',
    syntax: 'proto3',
    dependency: [
      'google/api/annotations.proto',
      ...['duration', 'field_mask', 'struct', 'timestamp', 'wrappers'].map((name) => `google/protobuf/${name}.proto`),
    ],
    messageType: [THING, OWNER, REQUEST, RESPONSE],
    enumType: [
      {
        name: 'Kind',
        value: ['KIND_UNSPECIFIED', 'KIND_SMALL', 'KIND_LARGE'].map((name, number) => ({ name, number })),
      },
    ],
    service: [{ name: 'ThingService', method: Object.entries(methods).map(methodJson) }],
  };
}

function methodJson([name, { rule, input, output, ...streaming }]: readonly [string, ThingMethod]): JsonObject {
  return {
    name,
    inputType: `.test.v1.${input ?? 'ThingRequest'}`,
    outputType: `.test.v1.${output ?? 'ThingResponse'}`,
    options: { '[google.api.http]': rule },
    ...streaming,
  };
}

/** A field as `name type number`; `type` is one of protobuf's, or the name of a message or enum. */
function field(text: string, more: JsonObject = {}): JsonObject {
  const [name = '', type = '', number = ''] = text.split(' ');
  const jsonName = name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const own = { label: 'LABEL_OPTIONAL', name, jsonName, number: Number(number) };
  if (/^[a-z]/.test(type) && !type.includes('.')) return { ...own, type: `TYPE_${type.toUpperCase()}`, ...more };
  const typeName = type.includes('.') ? `.${type}` : `.test.v1.${type}`;
  return { ...own, type: type === 'Kind' ? 'TYPE_ENUM' : 'TYPE_MESSAGE', typeName, ...more };
}

const REPEATED = { label: 'LABEL_REPEATED' };

function mapEntry(name: string, key: string, value: string): JsonObject {
  return { name, field: [field(`key ${key} 1`), field(`value ${value} 2`)], options: { mapEntry: true } };
}

const THING: JsonObject = {
  name: 'Thing',
  field: [
    field('name string 1'),
    field('size int32 2'),
    field('big_number int64 3'),
    field('huge uint64 4'),
    field('count uint32 5'),
    field('ratio double 6'),
    field('blob bytes 7'),
    field('is_new bool 8'),
    field('kind Kind 9'),
    field('tags string 10', REPEATED),
    field('kinds Kind 11', REPEATED),
    field('numbers sint64 12', REPEATED),
    field('labels Thing.LabelsEntry 13', { ...REPEATED, typeName: '.test.v1.Thing.LabelsEntry' }),
    field('amounts Thing.AmountsEntry 14', { ...REPEATED, typeName: '.test.v1.Thing.AmountsEntry' }),
    field('owners Thing.OwnersEntry 15', { ...REPEATED, typeName: '.test.v1.Thing.OwnersEntry' }),
    field('made_at google.protobuf.Timestamp 16'),
    field('life google.protobuf.Duration 17'),
    field('limit google.protobuf.Int32Value 18'),
    field('extra google.protobuf.Struct 19'),
    field('any_value google.protobuf.Value 20'),
    field('owner Owner 21'),
    field('others Owner 22', REPEATED),
    field('maybe string 23', { proto3Optional: true, oneofIndex: 1 }),
    field('left string 24', { oneofIndex: 0 }),
    field('right int32 25', { oneofIndex: 0 }),
  ],
  nestedType: [
    mapEntry('LabelsEntry', 'string', 'string'),
    mapEntry('AmountsEntry', 'string', 'int64'),
    mapEntry('OwnersEntry', 'string', 'Owner'),
  ],
  oneofDecl: [{ name: 'side' }, { name: '_maybe' }],
};

const OWNER: JsonObject = { name: 'Owner', field: [field('user_name string 1'), field('boss Owner 2')] };

const REQUEST: JsonObject = {
  name: 'ThingRequest',
  field: [
    field('thing Thing 1'),
    field('update_mask google.protobuf.FieldMask 2'),
    field('id string 3'),
    field('number int64 4'),
    field('kind Kind 5'),
    field('page_size int32 6'),
  ],
};

const RESPONSE: JsonObject = { name: 'ThingResponse', field: [field('thing Thing 1'), field('note string 2')] };
