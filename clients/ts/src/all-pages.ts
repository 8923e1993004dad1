/** One page of a list, and the token of the next one; empty on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** The items of all pages of a list, in order. */
export async function allPages<T>(read: (pageToken: string) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let pageToken = '';
  do {
    const page = await read(pageToken);
    all.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return all;
}
