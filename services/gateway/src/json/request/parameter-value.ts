import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import type { Faults } from '@berth/server';
import { isWrapper } from './check-known-type.js';
import { jsonFault } from './json-fault.js';

const WRITTEN_AS_TEXT = ['google.protobuf.Timestamp', 'google.protobuf.Duration', 'google.protobuf.FieldMask'];

/**
 * The JSON value of a parameter's text: as it stands for texts, numbers, times, durations and masks; JSON for messages. What
 * the text cannot be is left as it is, for `checkMessage` to find. Undefined, with a fault, for text that should be JSON.
 */
export function parameterValue(field: DescField, text: string, name: string, faults: Faults): unknown {
  if (field.message !== undefined) return messageValue(field.message, text, name, faults);
  if (field.enum !== undefined) return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
  return scalarValue(field.scalar, text);
}

function messageValue(type: DescMessage, text: string, name: string, faults: Faults): unknown {
  if (WRITTEN_AS_TEXT.includes(type.typeName)) return text;
  if (isWrapper(type)) return scalarValue(type.fields[0]?.scalar, text);
  const found = jsonFault(text);
  if (found === undefined) return JSON.parse(text);
  faults.add(name, `must be JSON, for example {"${type.fields[0]?.jsonName ?? 'field'}": …}; ${found.fault}`);
  return undefined;
}

function scalarValue(type: ScalarType | undefined, text: string): unknown {
  if (type !== ScalarType.BOOL) return text;
  return text === 'true' || text === 'false' ? text === 'true' : text;
}
