import * as z from 'zod';
import { lineFault } from '../requests/text-rules.js';
import { ROLES } from './role.js';

const MAX_NAME_CHARS = 128;

/** The name of a caller or a team, as metadata takes it. */
export const callerName = z
  .string()
  .min(1)
  .superRefine((name, context) => {
    const fault = lineFault(name, MAX_NAME_CHARS);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const file = z.string().min(1).optional();
const claim = z.string().min(1).optional();
const url = z.url({ protocol: /^https?$/ }).optional();

const certificateSchema = z
  .strictObject({
    subject: z.string().min(1).optional(),
    commonName: z.string().min(1).optional(),
    name: callerName,
    role: z.enum(ROLES).default('user'),
    team: callerName.optional(),
  })
  .refine(({ subject, commonName }) => (subject === undefined) !== (commonName === undefined), {
    message: 'has to have either subject or commonName',
  });

/** A row of the table that says whose a client certificate is. */
export type CertificateRow = z.output<typeof certificateSchema>;

const oidcSchema = z.strictObject({
  issuer: url.describe('the issuer of JSON web tokens (claim iss), a URL; none = they are not taken'),
  audience: z.string().min(1).optional().describe('what their claim aud has to have: the name of this server there'),
  jwksUrl: url.describe("the issuer's public keys; none = as its /.well-known/openid-configuration says"),
  nameClaim: z.string().min(1).default('sub').describe("the claim that is the caller's name"),
  roleClaim: claim.describe('the claim that auth.oidc.roles maps to a role: a text or a list; dots go into objects'),
  teamClaim: claim.describe("the claim that is the caller's team; of a list, its first"),
  roles: z
    .record(z.string(), z.enum(ROLES))
    .default({})
    .describe('role by value of the role claim; the highest counts'),
  role: z
    .enum([...ROLES, 'none'])
    .default('user')
    .describe('the role of callers to whom auth.oidc.roles gives none; none = they are refused'),
});

/** Settings of JSON web tokens. */
export type OidcConfig = z.output<typeof oidcSchema>;

/** Settings of `auth`: how callers are made out. With none of them, each is believed to be the one that it says. */
export const authConfigSchema = z.strictObject({
  tokens: file.describe('a YAML file of tokens, read again when it changes; `berthd token new` makes them'),
  certificates: z
    .array(certificateSchema)
    .default([])
    .describe('whose a client certificate is: a list of {subject or commonName, name, role, team}; needs tls.clientCa'),
  services: z
    .array(callerName)
    .default([])
    .describe('names of tokens and certificates that say for whom they call: gateways, and roles in other processes'),
  ownTokenFile: file.describe('a file with the token that this process shows to roles in other processes'),
  oidc: oidcSchema.prefault({}),
});

export type AuthConfig = z.output<typeof authConfigSchema>;

/** Whether callers are believed: no setting says how to make them out. */
export function isOpen({ tokens, certificates, services, ownTokenFile, oidc }: AuthConfig): boolean {
  const lists = certificates.length + services.length;
  return (
    lists === 0 && [tokens, ownTokenFile, oidc.issuer, oidc.audience, oidc.jwksUrl].every((set) => set === undefined)
  );
}

/** What is wrong with settings that are each right: by the path of the setting. */
export function authFaults(
  auth: AuthConfig,
  clientCa: string | undefined,
): readonly { path: string; message: string }[] {
  const { tokens, certificates, oidc } = auth;
  const faults: { path: string; message: string }[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  if (!isOpen(auth) && tokens === undefined && certificates.length === 0 && oidc.issuer === undefined) {
    fault('auth', 'nobody could be made out; set auth.tokens, auth.certificates or auth.oidc.issuer too');
  }
  if (certificates.length > 0 && clientCa === undefined) {
    fault('tls.clientCa', 'is missing: auth.certificates needs the authority that certificates of clients come from');
  }
  if (clientCa !== undefined && certificates.length === 0) {
    fault('auth.certificates', 'is empty, while tls.clientCa is set: say whose the certificates of clients are');
  }
  if (oidc.issuer === undefined && (oidc.audience ?? oidc.jwksUrl) !== undefined)
    fault('auth.oidc.issuer', 'is missing');
  if (oidc.issuer !== undefined && oidc.audience === undefined) {
    fault('auth.oidc.audience', 'is missing: a token for another service would be taken');
  }
  for (const key of ['issuer', 'jwksUrl'] as const) {
    const text = oidc[key];
    if (text !== undefined && !isGuarded(text)) {
      fault(`auth.oidc.${key}`, 'is http: whoever is on the way could give keys of its own; use https');
    }
  }
  return faults;
}

/** Whether nobody on the way can change what comes from the URL. */
function isGuarded(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
