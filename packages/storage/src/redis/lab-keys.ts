/**
 * The keys of one lab, all under one hash tag, so that a script may use any of them together on a Redis Cluster too.
 * A lab's name is percent-encoded: a brace in it would end the tag.
 */
export class LabKeys {
  readonly log: string;
  readonly last: string;
  readonly deadlines: string;
  readonly snapshot: string;
  readonly bookmarks: string;
  readonly #tag: string;

  constructor(prefix: string, lab: string) {
    this.#tag = `${prefix}:{${encodeURIComponent(lab)}}`;
    this.log = `${this.#tag}:log`;
    this.last = `${this.#tag}:last`;
    this.deadlines = `${this.#tag}:deadlines`;
    this.snapshot = `${this.#tag}:snapshot`;
    this.bookmarks = `${this.#tag}:bookmarks`;
  }

  held(bench: string): string {
    return `${this.#tag}:held:${bench}`;
  }

  session(session: string): string {
    return `${this.#tag}:session:${session}`;
  }

  answer(id: string): string {
    return `${this.#tag}:answer:${id}`;
  }
}
