import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type * as Jose from 'jose';
import type { OidcConfig } from './auth-config.js';
import type { Credential } from './credential.js';
import { badCredentials } from './refused-caller.js';
import type { Role } from './role.js';
import { includesRole, isRole } from './role.js';

/** What they may be signed with; nothing that is symmetric, and not `none`. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];
const SKEW_S = 30;
const ANSWER_WITHIN_MS = 5000;
/** A key that the issuer takes away is not accepted after this time. */
const KEYS_MAX_AGE_MS = 5 * 60_000;
/** Names, as metadata takes them. */
const MAX_NAME_CHARS = 128;

/** Failures that are the issuer's, not the token's. */
const ISSUERS_OWN = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT']);

/** Verifies JSON web tokens of one issuer. */
export class JsonWebTokens {
  #keys: Promise<Jose.JWTVerifyGetKey> | undefined;

  constructor(
    private readonly config: OidcConfig & { readonly issuer: string; readonly audience: string },
    private readonly clock: Clock,
    /** For how long keys that were read are believed. */
    private readonly keysMaxAgeMs = KEYS_MAX_AGE_MS,
  ) {}

  /**
   * What a token stands for. Rejects with BAD_CREDENTIALS for one that is not the issuer's, not for this audience, expired or
   * without the claims that are needed, and IDENTITY_UNAVAILABLE when the issuer's keys cannot be read.
   */
  async verify(token: string): Promise<Credential> {
    const { issuer, audience } = this.config;
    // Servers without JSON web tokens start sooner.
    const { errors, jwtVerify } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, await this.#keysOf(), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_S,
        currentDate: new Date(this.clock.now()),
        requiredClaims: ['exp'],
      });
      return this.#credentialOf(payload);
    } catch (error) {
      if (error instanceof BerthError) throw error;
      if (error instanceof errors.JOSEError && !ISSUERS_OWN.has(error.code)) throw badCredentials(error.message);
      throw unavailable(issuer, error);
    }
  }

  #keysOf(): Promise<Jose.JWTVerifyGetKey> {
    this.#keys ??= this.#findKeys().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #findKeys(): Promise<Jose.JWTVerifyGetKey> {
    const { createRemoteJWKSet } = await import('jose');
    const url = this.config.jwksUrl ?? (await this.#discover());
    return createRemoteJWKSet(new URL(url), {
      timeoutDuration: ANSWER_WITHIN_MS,
      cacheMaxAge: this.keysMaxAgeMs,
    });
  }

  async #discover(): Promise<string> {
    const { issuer } = this.config;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!answer.ok) throw new Error(`${url} answers ${String(answer.status)}`);
    const found = (await answer.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (found.issuer !== issuer) throw new Error(`${url} is about issuer ${JSON.stringify(found.issuer)}`);
    if (typeof found.jwks_uri !== 'string') throw new Error(`${url} names no jwks_uri`);
    return found.jwks_uri;
  }

  #credentialOf(payload: Jose.JWTPayload): Credential {
    const { nameClaim, teamClaim } = this.config;
    const name = claimOf(payload, nameClaim);
    if (typeof name !== 'string' || !isName(name)) throw badCredentials(`its claim ${nameClaim} is not a name`);
    const teams = teamClaim === undefined ? undefined : claimOf(payload, teamClaim);
    const team: unknown = Array.isArray(teams) ? teams[0] : teams;
    const { exp = 0 } = payload;
    return {
      caller: {
        name,
        role: this.#roleOf(payload, name),
        via: 'jwt',
        ...(typeof team === 'string' && isName(team) && { team }),
      },
      isService: false,
      expiresMs: (exp + SKEW_S) * 1000,
    };
  }

  #roleOf(payload: Jose.JWTPayload, name: string): Role {
    const { roleClaim, roles, role } = this.config;
    const told = roleClaim === undefined ? undefined : claimOf(payload, roleClaim);
    let best: Role | undefined;
    for (const value of Array.isArray(told) ? told : [told]) {
      const found = typeof value === 'string' && Object.hasOwn(roles, value) ? roles[value] : undefined;
      if (found !== undefined && (best === undefined || includesRole(found, best))) best = found;
    }
    best ??= isRole(role) ? role : undefined;
    if (best === undefined) throw badCredentials(`auth.oidc.roles gives ${name} no role`);
    return best;
  }
}

/** Whether a text has the form of a JSON web token. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** A claim by its name, or by the dotted path into objects. */
function claimOf(payload: Jose.JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let found: unknown = payload;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function isName(text: string): boolean {
  return text !== '' && text.length <= MAX_NAME_CHARS && !/\p{Cc}/u.test(text);
}

function unavailable(issuer: string, cause: unknown): BerthError {
  return new BerthError(
    'IDENTITY_UNAVAILABLE',
    `the keys of ${issuer} cannot be read, so that the token cannot be verified now; try again in a moment`,
    { retryAfterMs: 1000 },
    { cause },
  );
}
