/** Fields that say what a request is about, in the order in which they are told. */
const KEYS = [
  'lab',
  'name',
  'bench',
  'kind',
  'names',
  'pool',
  'id',
  'ids',
  'number',
  'numbers',
  'leaseId',
  'targetRequestId',
  'planId',
  'leakId',
  'provider',
] as const;
const MOST_CHARS = 300;

/**
 * What a request is about, by the names and ids in it and in the one message that it carries: `lab=default bench.name=b1`.
 * Contents (properties, texts) are left out. Undefined when it names nothing.
 */
export function targetOf(request: unknown): string | undefined {
  const parts = partsOf(request, '');
  if (typeof request === 'object' && request !== null) {
    for (const [key, value] of Object.entries(request)) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        parts.push(...partsOf(value, `${key}.`));
    }
  }
  const text = parts.join(' ');
  if (text === '') return undefined;
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
}

function partsOf(message: unknown, path: string): string[] {
  if (typeof message !== 'object' || message === null) return [];
  return KEYS.flatMap((key) => {
    const value = (message as Record<string, unknown>)[key];
    const values = (Array.isArray(value) ? value : [value]).filter(isNamed);
    return values.length === 0 ? [] : [`${path}${key}=${values.map(String).join(',')}`];
  });
}

function isNamed(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || (typeof value === 'number' && value !== 0);
}
