/** Whether an `Accept` header asks for a page: browsers name HTML, curl takes anything. */
export function prefersPage(accept: string | undefined): boolean {
  return weightOf(accept, 'text/html') > weightOf(accept, 'text/plain');
}

/** Whether an `Accept` header asks for text for people rather than JSON. */
export function prefersText(accept: string | undefined): boolean {
  return weightOf(accept, 'text/plain') > weightOf(accept, 'application/json');
}

/** The weight that a header names for a type; 0 when it does not name the type itself. */
function weightOf(accept: string | undefined, type: string): number {
  for (const part of (accept ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    if (name !== type) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    return Number.isFinite(weight) ? weight : 0;
  }
  return 0;
}
