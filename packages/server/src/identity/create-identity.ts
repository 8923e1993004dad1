import { randomBytes } from 'node:crypto';
import type { Clock, Logger } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { WatchedFile } from '../process/watched-file.js';
import type { AuthConfig } from './auth-config.js';
import { isOpen } from './auth-config.js';
import type { Caller } from './caller.js';
import { CertificateTable } from './certificate-table.js';
import type { Credential } from './credential.js';
import { callerBy } from './credential.js';
import type { ProcessIdentity } from './identity.js';
import { openIdentity } from './identity.js';
import { JsonWebTokens, looksLikeJwt } from './json-web-tokens.js';
import { badCredentials, notAuthenticated } from './refused-caller.js';
import type { Shown } from './shown.js';
import { readTokens, tokenDigest } from './token-file.js';
import { TokenList } from './token-list.js';

export interface IdentityDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Headers whose credentials are remembered. */
const MOST_KNOWN = 10_000;
/** A JSON web token is verified again after this time, so that a key that was taken away is noticed. */
const VERIFIED_FOR_MS = 60_000;
const SECRET_BYTES = 32;

interface Known {
  readonly credential: Credential;
  /** In milliseconds since the epoch. */
  readonly untilMs: number;
}

/** An identity as the settings say; an open one where none of them is set. `start` it before it is asked. */
export function createIdentity(auth: AuthConfig, deps: IdentityDeps): ProcessIdentity {
  return isOpen(auth) ? openIdentity() : new AuthIdentity(auth, deps);
}

/** Makes callers out by token, JSON web token or client certificate. */
class AuthIdentity implements ProcessIdentity {
  readonly open = false;
  readonly secret = randomBytes(SECRET_BYTES).toString('base64url');
  readonly #services: ReadonlySet<string>;
  readonly #certificates: CertificateTable;
  readonly #jwts: JsonWebTokens | undefined;
  readonly #file: WatchedFile | undefined;
  readonly #ofProcess: TokenList;
  #tokens: TokenList;
  #issuerAnswers = true;
  /** By the text of the header: what is in here costs a call neither a hash nor a promise. */
  readonly #known = new Map<string, Known>();

  constructor(
    { tokens: path, certificates, services, oidc }: AuthConfig,
    private readonly deps: IdentityDeps,
  ) {
    const { clock, logger } = deps;
    const { issuer, audience } = oidc;
    this.#services = new Set(services);
    this.#certificates = new CertificateTable(certificates, this.#services);
    if (issuer !== undefined && audience !== undefined) {
      this.#jwts = new JsonWebTokens({ ...oidc, issuer, audience }, clock);
    }
    this.#ofProcess = processToken(this.secret);
    this.#tokens = new TokenList([], this.#services);
    const take = (text: string): Promise<void> => {
      this.#tokens = new TokenList(readTokens(text, path ?? ''), this.#services);
      this.#known.clear();
      return Promise.resolve();
    };
    if (path !== undefined) this.#file = new WatchedFile({ path, what: 'the file of tokens', take, clock, logger });
  }

  async start(): Promise<void> {
    await this.#file?.start();
  }

  async stop(): Promise<void> {
    await this.#file?.stop();
  }

  callerOf(shown: Shown): Caller | Promise<Caller> {
    const header = shown.text('authorization');
    if (header === undefined) return this.#callerOfConnection(shown);
    const known = this.#known.get(header);
    if (known !== undefined && (known.untilMs === Infinity || known.untilMs > this.deps.clock.now())) {
      return callerBy(known.credential, shown);
    }
    return this.#callerOfHeader(header, shown);
  }

  #callerOfConnection(shown: Shown): Caller {
    const { certificate } = shown;
    if (certificate === undefined) throw notAuthenticated();
    return callerBy(this.#certificates.find(certificate), shown);
  }

  #callerOfHeader(header: string, shown: Shown): Caller | Promise<Caller> {
    this.#known.delete(header);
    const token = tokenIn(header);
    const jwts = this.#jwts;
    if (jwts !== undefined && looksLikeJwt(token)) {
      return this.#verified(jwts, token).then((credential) => {
        this.#remember(header, credential, this.deps.clock.now() + VERIFIED_FOR_MS);
        return callerBy(credential, shown);
      });
    }
    const credential = this.#ofProcess.find(token) ?? this.#tokens.find(token);
    if (credential === undefined) throw badCredentials('no such token');
    const { expiresMs = Infinity, caller } = credential;
    if (expiresMs <= this.deps.clock.now()) {
      throw badCredentials(`the token of ${caller.name} expired at ${new Date(expiresMs).toISOString()}`);
    }
    this.#remember(header, credential, expiresMs);
    return callerBy(credential, shown);
  }

  async #verified(jwts: JsonWebTokens, token: string): Promise<Credential> {
    try {
      const credential = await jwts.verify(token);
      this.#issuerAnswers = true;
      return credential;
    } catch (error) {
      if (error instanceof BerthError && error.reason === 'IDENTITY_UNAVAILABLE') {
        // Told once, until it answers again: each call that comes meanwhile finds it so.
        if (this.#issuerAnswers) this.deps.logger.warn({ err: error.cause }, error.message);
        this.#issuerAnswers = false;
      }
      throw error;
    }
  }

  #remember(header: string, credential: Credential, latestMs: number): void {
    if (this.#known.size >= MOST_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(header, { credential, untilMs: Math.min(latestMs, credential.expiresMs ?? Infinity) });
  }
}

/** The secret of a process as a token: who shows it is a part of this process. */
function processToken(secret: string): TokenList {
  return new TokenList(
    [{ name: 'berthd', role: 'admin', sha256: tokenDigest(secret) }],
    new Set(['berthd']),
    'process',
  );
}

/** The token in a header: a bearer's, or the password of Basic. Throws BAD_CREDENTIALS for any other scheme. */
function tokenIn(header: string): string {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString();
      const colon = pair.indexOf(':');
      if (colon >= 0) return pair.slice(colon + 1);
      break;
    }
    default:
  }
  throw badCredentials('the authorization is neither Bearer nor Basic');
}
