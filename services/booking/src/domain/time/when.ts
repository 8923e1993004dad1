/** A point in time as requests have it: a date (`2020-01-31`), or an instant. */
export type When = { readonly date: string } | { readonly atMs: number };
