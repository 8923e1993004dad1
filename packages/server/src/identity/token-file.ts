import { createHash } from 'node:crypto';
import * as z from 'zod';
import { invalidConfig, schemaFaults } from '../process/config-faults.js';
import type { FileFault } from '../yaml/yaml-file.js';
import { parseYamlText } from '../yaml/yaml-file.js';
import { nameFault } from '../requests/text-rules.js';
import { callerName } from './auth-config.js';
import type { Role } from './role.js';
import { ROLES } from './role.js';

/** A token, as its file has it: never the token itself. */
export interface TokenEntry {
  readonly name: string;
  readonly role: Role;
  readonly team?: string;
  /** SHA-256 of the token's text, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  readonly expiresMs?: number;
  readonly benches?: readonly string[];
}

const bench = z.string().superRefine((name, context) => {
  const fault = nameFault(name);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const entrySchema = z.strictObject({
  name: callerName,
  role: z.enum(ROLES).optional().describe('viewer, user, operator or admin; user when it is left out'),
  team: callerName.optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .describe('64 hexadecimal digits, as `berthd token new` prints them; never the token itself'),
  expires: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()])
    .optional()
    .describe('a time such as 2030-01-31T12:00:00Z, or a date (its beginning in UTC)'),
  benches: z.array(bench).min(1).optional(),
});
const fileSchema = z.array(entrySchema);

const WHAT = 'the file of tokens';
const EFFECT = 'nothing of it is used';

/** The SHA-256 of a token, as its file has it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The tokens of a file's text; `file` is its name in messages. Throws INVALID_CONFIG that names every fault. */
export function readTokens(text: string, file: string): readonly TokenEntry[] {
  const yaml = parseYamlText(text, file);
  if (yaml.faults.length > 0) throw invalidConfig(yaml.faults, WHAT, EFFECT);
  const result = fileSchema.safeParse(yaml.value ?? []);
  if (!result.success) throw invalidConfig(schemaFaults(fileSchema, result.error, yaml.locate), WHAT, EFFECT);
  const faults: FileFault[] = [];
  const seen = new Map<string, number>();
  const entries = result.data.map(({ name, role, team, sha256, expires, benches }, i): TokenEntry => {
    const digest = sha256.toLowerCase();
    const fault = (key: string, message: string): void => {
      faults.push({ where: yaml.locate([i, key]), path: `${String(i)}.${key}`, message });
    };
    const before = seen.get(digest);
    if (before !== undefined) fault('sha256', `is that of entry ${String(before + 1)} already; remove one of them`);
    seen.set(digest, i);
    if (benches !== undefined && role !== undefined && role !== 'viewer') {
      fault('role', 'must be viewer or left out: a token that is limited to benches may do nothing else');
    }
    return {
      name,
      role: benches === undefined ? (role ?? 'user') : 'viewer',
      sha256: digest,
      ...(team !== undefined && { team }),
      ...(expires !== undefined && { expiresMs: Date.parse(expires) }),
      ...(benches !== undefined && { benches }),
    };
  });
  if (faults.length > 0) throw invalidConfig(faults, WHAT, EFFECT);
  return entries;
}
