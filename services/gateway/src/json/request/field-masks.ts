import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import type { JsonFields } from './read-query.js';

/** A mask that was taken out of a request's JSON. */
export interface TakenMask {
  readonly field: DescField & { readonly message: DescMessage };
  readonly paths: readonly string[];
}

/**
 * Takes the masks out of a request's JSON. Protobuf's JSON turns `mac_address` into `macAddress` and back, and knows no way to
 * write `ip_4`; here both spellings are read, and a path with an underscore stands for itself.
 */
export function takeMasks(type: DescMessage, json: JsonFields): readonly TakenMask[] {
  return type.fields.flatMap((field) => {
    if (field.message?.typeName !== 'google.protobuf.FieldMask' || field.fieldKind !== 'message') return [];
    const key = Object.hasOwn(json, field.name) ? field.name : field.jsonName;
    const text = json[key];
    if (typeof text !== 'string') return [];
    Reflect.deleteProperty(json, key);
    return [{ field, paths: text === '' ? [] : text.split(',').map((path) => protoPath(path.trim())) }];
  });
}

/** Puts masks into the message that was made of the rest. */
export function putMasks(message: Message, masks: readonly TakenMask[]): void {
  for (const { field, paths } of masks) {
    const mask = Object.assign(create(field.message), { paths: [...paths] });
    Object.assign(message, { [field.localName]: mask });
  }
}

function protoPath(path: string): string {
  return path.includes('_') ? path : path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
