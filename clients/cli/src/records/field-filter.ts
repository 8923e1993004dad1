import { type FieldFilter, FieldType, type Kind } from '@berth/client';
import { UsageError } from '../program/usage-error.js';

const CONDITION = /^([^=<>]+?)(>=|<|=)(.*)$/s;

/**
 * The filters that `field=value` (exactly), `field=value*` (starts so), `field>=value` and `field<value` stand for; the
 * same field twice with `=` is one of both, with `>=` and `<` a range. Values get the type that the kind says. Throws
 * `UsageError`.
 */
export function fieldFilters(texts: readonly string[], kind: Kind): FieldFilter[] {
  const parts = texts.map((text) => {
    const [, field, operator, value] = CONDITION.exec(text) ?? [];
    if (field === undefined || value === undefined) {
      throw new UsageError(
        `--filter ${text} is no condition`,
        'write field=value, field=prefix*, field>=value or field<value',
      );
    }
    return { field: field.trim(), operator, value };
  });
  const fields = [...new Set(parts.map(({ field }) => field))];
  return fields.flatMap((field) => {
    const type = kind.fields.find(({ name }) => name === field)?.type ?? FieldType.STRING;
    const of = (operator: string): string[] =>
      parts.filter((part) => part.field === field && part.operator === operator).map(({ value }) => value);
    const typed = (value: string | undefined): unknown => (value === undefined ? undefined : fieldValue(value, type));
    const exact = of('=').filter((value) => !value.endsWith('*'));
    const prefixes = of('=').filter((value) => value.endsWith('*'));
    const [from, until] = [of('>=').at(-1), of('<').at(-1)];
    return [
      ...(exact.length === 1 ? [{ field, condition: { $case: 'equals', value: typed(exact[0]) } as const }] : []),
      ...(exact.length > 1 ? [{ field, condition: { $case: 'oneOf', value: exact.map(typed) } as const }] : []),
      ...prefixes.map((value) => ({ field, condition: { $case: 'prefix', value: value.slice(0, -1) } as const })),
      ...(from !== undefined || until !== undefined
        ? [{ field, condition: { $case: 'range', value: { from: typed(from), until: typed(until) } } as const }]
        : []),
    ];
  });
}

/** What a text means in a field of this type; what cannot be one is left as it is, for the server to say so. */
function fieldValue(text: string, type: FieldType): unknown {
  if (type === FieldType.NUMBER && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (type === FieldType.BOOLEAN && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
