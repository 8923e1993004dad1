import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { didYouMean } from '@berth/kernel';
import type { Faults } from '@berth/server';
import { fieldNames, namedField } from '../descriptors/field-names.js';
import { isObject, knownTypeCheck } from './check-known-type.js';
import { parameterValue } from './parameter-value.js';

/** A message as JSON that is being put together, by the names of the proto. */
export type JsonFields = Record<string, unknown>;

/** A parameter's name: the path of a field, and the key of a map's entry. */
const NAME = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\[(.*)\])?$/s;

interface Parameter {
  /** As it was written. */
  readonly name: string;
  readonly text: string;
  readonly key: string | undefined;
}

/**
 * Puts parameters into the JSON of a message: `requirement.query=…` by the path of a field, with names as in the proto or in
 * JSON, a repeated field once for each value, `labels[site]=lab1` for an entry of a map, and JSON text for a whole message.
 * Adds a fault for a parameter that names no field, or one that has its value already. Values are for `checkMessage` to check.
 */
export class ParameterReader {
  /** The messages that were given whole: nothing is added to them. */
  readonly #whole = new WeakSet<object>();

  constructor(
    private readonly type: DescMessage,
    private readonly into: JsonFields,
    private readonly faults: Faults,
  ) {}

  /** Reads a query: what stands behind the `?`, percent-encoded. */
  readQuery(query: string): void {
    for (const [name, text] of new URLSearchParams(query)) {
      const [, path = '', key] = NAME.exec(name) ?? [];
      if (path === '') this.faults.add(name, 'cannot be read; write field=, field.field= or field[key]=');
      else this.#put(path.split('.'), { name, text, key });
    }
  }

  /** Puts a value from another place, such as the path. */
  put(field: string, text: string): void {
    this.#put(field.split('.'), { name: field, text, key: undefined });
  }

  #put(path: readonly string[], parameter: Parameter): void {
    const { name } = parameter;
    let message = this.type;
    let fields = this.into;
    for (const [i, part] of path.entries()) {
      const field = namedField(message, part);
      if (field === undefined) {
        this.faults.add(name, `is not a parameter here${didYouMean(part, fieldNames(message))}`);
        return;
      }
      if (i === path.length - 1) {
        this.#putValue(field, parameter, fields);
        return;
      }
      if (field.fieldKind !== 'message' || knownTypeCheck(field.message) !== undefined) {
        this.faults.add(name, `cannot be read: '${part}' has no fields`);
        return;
      }
      const inner = fields[field.name] ?? {};
      if (!isObject(inner) || this.#whole.has(inner)) {
        this.faults.add(name, `is given twice: '${part}' is given as a whole too`);
        return;
      }
      fields[field.name] = inner;
      fields = inner;
      message = field.message;
    }
  }

  #putValue(field: DescField, { name, text, key }: Parameter, fields: JsonFields): void {
    const value = parameterValue(field, text, name, this.faults);
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null) this.#whole.add(value);
    if (field.fieldKind === 'map') {
      if (key === undefined) this.faults.add(name, `has entries; write ${field.name}[key]=value`);
      else this.#putEntry((fields[field.name] ??= {}) as JsonFields, key, value, name);
    } else if (key !== undefined) this.faults.add(name, `has no entries; write ${field.name}=value`);
    else if (field.fieldKind === 'list') ((fields[field.name] ??= []) as unknown[]).push(value);
    else if (Object.hasOwn(fields, field.name)) this.faults.add(name, 'is given twice');
    else fields[field.name] = value;
  }

  #putEntry(entries: JsonFields, key: string, value: unknown, name: string): void {
    if (Object.hasOwn(entries, key)) this.faults.add(name, 'is given twice');
    // A key may be `__proto__`.
    Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
  }
}
