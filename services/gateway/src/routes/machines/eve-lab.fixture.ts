// What tests of records share.
import type { HttpLab, Told } from '../http-client.fixture.js';

/** A document as it is told. */
export interface Document {
  readonly _id: string;
  readonly _etag: string;
  readonly [name: string]: unknown;
}

/** A list as it is told. */
export interface List {
  readonly _items: readonly Document[];
  readonly _meta: { readonly page: number; readonly max_results: number; readonly total: number };
  readonly _links: Readonly<Record<string, { readonly href: string } | undefined>>;
}

/** The document that an answer is. */
export function documentOf({ body }: Told): Document {
  return body as Document;
}

/** The list that an answer is. */
export function listOf({ body }: Told): List {
  return body as List;
}

/** What is wrong with the document that was sent, by field. */
export function issuesOf({ body }: Told): Readonly<Record<string, string>> {
  return (body as { readonly _issues?: Readonly<Record<string, string>> })._issues ?? {};
}

/** The host names of the machines in a list. */
export function hostNames(told: Told): unknown[] {
  return listOf(told)._items.map(({ hostname }) => hostname);
}

/** Adds a machine. */
export async function makeMachine({ ask }: HttpLab, hostname: string, more: object = {}): Promise<Document> {
  return documentOf(await ask('POST', '/machines', { body: { hostname, ...more } }));
}
