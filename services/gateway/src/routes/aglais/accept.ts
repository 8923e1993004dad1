const TYPE = /^\s*([^;\s]+)\s*(?:;.*?\bq\s*=\s*([\d.]+))?/i;
const CSV = ['text/csv', 'text/*'];
const JSON_TYPES = ['application/json', 'application/*', '*/*'];

/** Whether a caller wants comma-separated values rather than JSON: by its header Accept. */
export function wantsCsv(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const offers = accept.split(',').map((offer) => {
    const [, type = '', quality = '1'] = TYPE.exec(offer) ?? [];
    return { type: type.toLowerCase(), quality: Number(quality) };
  });
  const best = (types: readonly string[]): number =>
    Math.max(0, ...offers.filter(({ type }) => types.includes(type)).map(({ quality }) => quality));
  const [csv, json] = [best(CSV), best(JSON_TYPES)];
  // A browser takes anything; one that asks for csv first means it.
  const first = offers.find(({ type }) => [...CSV, ...JSON_TYPES].includes(type))?.type ?? '';
  return csv > json || (csv > 0 && csv === json && CSV.includes(first));
}
