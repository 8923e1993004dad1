import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credential } from './credential.js';
import type { TokenEntry } from './token-file.js';

interface Known {
  readonly digest: Buffer;
  readonly credential: Credential;
}

/** Tokens by their digests. */
export class TokenList {
  readonly #known = new Map<string, Known>();

  /** `services` are names of tokens that say for whom they call. */
  constructor(entries: readonly TokenEntry[], services: ReadonlySet<string>, via: 'token' | 'process' = 'token') {
    for (const { name, role, team, sha256, expiresMs, benches } of entries) {
      this.#known.set(sha256, {
        digest: Buffer.from(sha256, 'hex'),
        credential: {
          caller: { name, role, via, ...(team !== undefined && { team }), ...(benches && { benches }) },
          isService: services.has(name) && benches === undefined,
          ...(expiresMs !== undefined && { expiresMs }),
        },
      });
    }
  }

  /**
   * What a token stands for; undefined when nobody has it. The time that this takes tells nothing of other tokens: it is found
   * by its digest, of which nobody can choose a part, and the digests are compared in constant time.
   */
  find(token: string): Credential | undefined {
    const digest = createHash('sha256').update(token).digest();
    const known = this.#known.get(digest.toString('hex'));
    return known !== undefined && timingSafeEqual(known.digest, digest) ? known.credential : undefined;
  }
}
