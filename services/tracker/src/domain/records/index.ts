export type { RequestKey } from '@berth/kernel';
export type { Address } from './address.js';
export { formatAddress, parseAddress } from './address.js';
export type { AddressRange } from './address-range.js';
export { formatAddressRange, isInRange, parseAddressRange, sizeOf, usableRange } from './address-range.js';
export { ADDRESS_KINDS, ADDRESS_RANGES, BUILT_IN_KINDS } from './built-in-kinds.js';
export type { GivenFields } from './check-fields.js';
export { checkNewFields, checkUpdatedFields, throwViolations } from './check-fields.js';
export { checkValue, patternOf } from './field-value.js';
export { freeAddresses, rangeFrom } from './free-addresses.js';
export type { FieldSchema, FieldType, FieldValue, Kind } from './kind.js';
export {
  FIELD_TYPES,
  fieldNamed,
  fieldNames,
  isOrdered,
  MAX_ORDERED_FIELDS,
  nameField,
  RESERVED_FIELDS,
} from './kind.js';
export type { FieldLayout, KindLayout } from './kind-layout.js';
export { nextLayout, NO_LAYOUT } from './kind-layout.js';
export { addressKey, addressOfKey, orderKey } from './order-key.js';
export type { Deed, RecordAction, RecordBody } from './record.js';
export { deletedBody, etagOf, newBody, nextBody, UNDELETE_MS } from './record.js';
export type { GivenCondition, RecordFilter } from './record-filter.js';
export { checkFilter, passes } from './record-filter.js';
