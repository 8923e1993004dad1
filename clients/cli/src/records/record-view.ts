import { FieldType, type InventoryRecord, type Kind, type RecordChange } from '@berth/client';
import { clockText, type Column, enumWords, factsText, sinceText } from '@berth/views';

type Fields = Readonly<Record<string, unknown>>;

/** A record as `-o json` and `-o yaml` show it. */
export function recordView({ id, kind, fields, fieldsLeftOut, etag, claimedBy, ...times }: InventoryRecord) {
  const { createTime, updateTime, deleteTime, claimTime } = times;
  return {
    id,
    kind,
    fields: (fields ?? {}) as Fields,
    fieldsLeftOut: fieldsLeftOut || undefined,
    etag,
    createTime,
    updateTime,
    deleteTime,
    claimedBy: claimedBy || undefined,
    claimTime,
  };
}

/** The columns of a list of records: the fields of their kind, the one that names them first. */
export function recordColumns(kind: Kind, now: Date): Column<InventoryRecord>[] {
  const names = kind.fields.map(({ name }) => name).filter((name) => name !== kind.nameField);
  return [
    ...[kind.nameField, ...names]
      .filter((name) => name !== '')
      .map((name) => ({ title: name.toUpperCase(), text: (record: InventoryRecord) => fieldText(record, name) })),
    { title: 'CLAIMED BY', text: ({ claimedBy }) => claimedBy },
    { title: 'SINCE', text: ({ claimTime }) => sinceText(claimTime, now) },
    { title: 'DELETED', text: ({ deleteTime }) => (deleteTime ? clockText(deleteTime, now) : '') },
    { title: 'ID', text: ({ id }) => id },
  ];
}

/** Everything of one record, for people. */
export function recordText(record: InventoryRecord, now: Date): string {
  const { fields, createTime, updateTime, deleteTime } = recordView(record);
  const when = (time: Date | undefined): string => (time ? clockText(time, now) : '');
  return factsText([
    ...Object.keys(fields).map((name) => [name, fieldText(record, name)] as const),
    ['claimed by', record.claimedBy],
    ['created', when(createTime)],
    ['changed', when(updateTime)],
    ['deleted', when(deleteTime)],
    ['id', record.id],
    ['etag', record.etag],
  ]);
}

/** What a record is called: the value of its kind's unique field, else its id. */
export function recordName(record: InventoryRecord, kind?: Kind): string {
  const name = kind ? fieldText(record, kind.nameField) : '';
  return name === '' ? record.id : name;
}

function fieldText(record: InventoryRecord, name: string): string {
  return valueText((record.fields as Fields | undefined)?.[name]);
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(valueText).join(' ') : JSON.stringify(value);
}

/** A kind as `-o json` and `-o yaml` show it. */
export function kindView({ name, description, nameField, builtIn, fields }: Kind) {
  return {
    name,
    description: description || undefined,
    nameField: nameField || undefined,
    builtIn,
    fields: fields.map(({ type, allowed, pattern, defaultJson, ...field }) => ({
      ...field,
      type: FieldType[type],
      allowed: allowed.length > 0 ? allowed : undefined,
      pattern: pattern || undefined,
      default: defaultJson === '' ? undefined : (JSON.parse(defaultJson) as unknown),
      description: field.description || undefined,
    })),
  };
}

/** The columns of the fields of a kind. */
export const FIELD_COLUMNS: readonly Column<Kind['fields'][number]>[] = [
  { title: 'FIELD', text: ({ name }) => name },
  { title: 'TYPE', text: ({ type }) => enumWords(FieldType, type) },
  {
    title: 'MUST',
    text: ({ required, unique, ignoreCase }) =>
      [required ? 'be there' : '', unique ? `be unique${ignoreCase ? ' in any case' : ''}` : '']
        .filter(Boolean)
        .join(', '),
  },
  { title: 'ALLOWED', text: ({ allowed, pattern }) => (allowed.length > 0 ? allowed.join(', ') : pattern) },
  { title: 'DEFAULT', text: ({ defaultJson }) => defaultJson },
  { title: 'WHAT', text: ({ description }) => description },
];

/** A change of a record as `-o json` and `-o yaml` show it. */
export function changeView({ time, actor, action, recordId, kind, before, after }: RecordChange) {
  return {
    time,
    by: actor?.name,
    action,
    kind,
    recordId,
    before: before as Fields | undefined,
    after: after as Fields | undefined,
  };
}

/** What a change did to the fields, in one line: `state idle → in_use, owner → tony`. */
export function changeText({ before, after }: RecordChange): string {
  const [old, now] = [(before ?? {}) as Fields, (after ?? {}) as Fields];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .map((name) => `${name} ${[valueText(old[name]), valueText(now[name])].join(' → ').trim()}`)
    .join(', ');
}
