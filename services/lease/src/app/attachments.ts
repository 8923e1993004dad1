import type { Attachment } from './attachment.js';

const NONE: readonly Attachment[] = [];

/** The Acquire streams of a process by their requests: one for each, or any number where the request is unattended. */
export class Attachments {
  readonly #byRequest = new Map<string, readonly Attachment[]>();

  get isEmpty(): boolean {
    return this.#byRequest.size === 0;
  }

  *[Symbol.iterator](): Iterator<Attachment> {
    for (const some of this.#byRequest.values()) for (const one of some) yield one;
  }

  /** The streams of a request as they are now: what comes or goes later does not change the list. */
  of(requestId: string): readonly Attachment[] {
    return this.#byRequest.get(requestId) ?? NONE;
  }

  has(attachment: Attachment): boolean {
    return this.of(attachment.spec.requestId).includes(attachment);
  }

  add(attachment: Attachment): void {
    const { requestId } = attachment.spec;
    this.#byRequest.set(requestId, [...this.of(requestId), attachment]);
  }

  /** Takes a stream out; false when it was not there. */
  delete(attachment: Attachment): boolean {
    if (!this.has(attachment)) return false;
    const { requestId } = attachment.spec;
    const left = this.of(requestId).filter((one) => one !== attachment);
    if (left.length === 0) this.#byRequest.delete(requestId);
    else this.#byRequest.set(requestId, left);
    return true;
  }

  clear(): void {
    this.#byRequest.clear();
  }
}
