/** One comparison: a field's name, an operator by its name in MongoDB, and what the field is compared with. */
export interface Comparison {
  readonly name: string;
  readonly operator: string;
  readonly operand: unknown;
}

const OPERATORS: Readonly<Record<string, string>> = { '==': '$eq', '>=': '$gte', '<': '$lt', '>': '$gt', '<=': '$lte' };
const COMPARISON =
  /\s*(?<name>[A-Za-z_][\w-]*)\s*(?<operator>==|>=|<=|>|<)\s*(?<operand>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|true|false)\s*(?<next>and\b|$)/iy;

/** The comparisons of `field=="value" and other>=3`; undefined when the text is anything else. */
export function parseComparisons(text: string): readonly Comparison[] | undefined {
  const comparisons: Comparison[] = [];
  const pattern = new RegExp(COMPARISON);
  for (;;) {
    const { name, operator, operand, next } = pattern.exec(text)?.groups ?? {};
    if (name === undefined || operator === undefined || operand === undefined) return undefined;
    const value = literalOf(operand);
    if (value === undefined) return undefined;
    comparisons.push({ name, operator: OPERATORS[operator] ?? operator, operand: value });
    if (next === '') return comparisons;
  }
}

/** The value of a literal of Python; undefined for one that is not understood. */
function literalOf(text: string): unknown {
  const json = text.startsWith("'") ? `"${text.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"` : text;
  try {
    return JSON.parse(/^(true|false)$/i.test(json) ? json.toLowerCase() : json);
  } catch {
    return undefined;
  }
}
