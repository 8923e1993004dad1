import { BerthError } from '@berth/kernel';

const EXAMPLE = 'location=office1&attributes=[a]&entity_properties=[[c],[e]]';

/** Reads a query from left to right. White space around what it reads does not count. Throws INVALID_QUERY. */
export class QueryScanner {
  #at = 0;

  constructor(private readonly text: string) {}

  /** True when nothing is left. */
  get done(): boolean {
    this.#skipSpace();
    return this.#at >= this.text.length;
  }

  /** Where the next thing starts; the first character is 1. */
  get position(): number {
    this.#skipSpace();
    return this.#at + 1;
  }

  /** Whether the next character is this one; it stays. */
  sees(character: string): boolean {
    this.#skipSpace();
    return this.text[this.#at] === character;
  }

  /** Takes the next character when it is this one. */
  takes(character: string): boolean {
    const seen = this.sees(character);
    if (seen) this.#at++;
    return seen;
  }

  /** Takes the character, or says that it was expected; `why` ends the sentence. */
  expect(character: string, why: string): void {
    if (!this.takes(character)) throw this.unexpected(`'${character}' ${why}`);
  }

  /** The text up to one of the stop characters, percent-decoded; `what` names it when it is missing. */
  word(stops: string, what: string): string {
    this.#skipSpace();
    const start = this.#at;
    while (this.#at < this.text.length && !stops.includes(this.text.charAt(this.#at))) this.#at++;
    const raw = this.text.slice(start, this.#at).trimEnd();
    if (raw === '') throw this.unexpected(what);
    return this.#decoded(raw, start);
  }

  /** An error that tells what was found here and what was expected. */
  unexpected(expected: string): BerthError {
    this.#skipSpace();
    const found = this.#at < this.text.length ? `'${this.text.charAt(this.#at)}'` : 'the end of the query';
    return this.fault(this.#at + 1, `found ${found}, expected ${expected}`);
  }

  fault(position: number, what: string): BerthError {
    const description = `at position ${position}: ${what}. Write for example ${EXAMPLE}`;
    return new BerthError('INVALID_QUERY', `query: ${description}`, {
      fields: [{ field: 'query', description }],
      metadata: { position: String(position) },
    });
  }

  #decoded(raw: string, start: number): string {
    const bad = /%(?![0-9A-Fa-f]{2})/.exec(raw);
    if (bad !== null) {
      const found = raw.slice(bad.index, bad.index + 3);
      throw this.fault(
        start + bad.index + 1,
        `found '${found}', expected two hex digits after '%' (a '%' itself is %25)`,
      );
    }
    try {
      return decodeURIComponent(raw);
    } catch {
      throw this.fault(start + 1, `found '${raw}', expected percent-encoded UTF-8`);
    }
  }

  #skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++;
  }
}
