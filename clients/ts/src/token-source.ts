/** Gives the token to show: for each new connection, and after one was refused. */
export type TokenSource = () => string | Promise<string>;

/** The token that is shown now. */
export class CurrentToken {
  #asked: Promise<string> | undefined;

  constructor(private readonly ask: TokenSource) {}

  /** The token; asked for when none is known. Rejects with what the source throws, and asks again the next time. */
  get(): Promise<string> {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  /** The next call asks again. */
  forget(): void {
    this.#asked = undefined;
  }

  async #ask(): Promise<string> {
    try {
      return checkedToken(await this.ask());
    } catch (error) {
      this.#asked = undefined;
      throw error;
    }
  }
}

/** A token as metadata takes it. Throws a TypeError, without the token in its text, for one that cannot be sent. */
export function checkedToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new TypeError('the token cannot be sent: it must be printable ASCII without spaces');
}
