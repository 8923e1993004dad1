import type { ApplyInventoryResponse } from '@berth/client';
import { BerthError as ClientError } from '@berth/client';
import { BerthError } from '@berth/kernel';
import { Faults, httpError } from '@berth/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { JSON_TYPE, lineOf } from '../../http/json-answer.js';
import type { Roles } from '../../ports/roles.js';
import { queryOf, readParameters } from '../parameters.js';
import { prefersText } from './accept.js';
import { inventoryFaults } from './inventory-faults.js';

const NAMES = ['dry_run', 'prune', 'force', 'lab'];
const UNPROCESSABLE = 422;
const TEXT = 'text/plain; charset=utf-8';
const FORM = 'application/x-www-form-urlencoded';

/**
 * `POST /inventory`: makes a lab's inventory be as the YAML file in the body says, all of it or nothing. The answer says what
 * changed, or with `dry_run=1` what would; a file with faults is 422, with line, column and path of each.
 */
export function inventoryRoute(app: FastifyInstance, roles: Roles): void {
  app.removeAllContentTypeParsers();
  // curl says of a file that it is a form, and each client has another name for YAML.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.post('/inventory', (request, reply) => applyInventory(request, reply, roles));
}

async function applyInventory(request: FastifyRequest, reply: FastifyReply, roles: Roles): Promise<FastifyReply> {
  const faults = new Faults();
  const given = readParameters(queryOf(request), { type: 'none' }, NAMES, faults);
  const [dryRun, prune, force] = [given.flag('dry_run'), given.flag('prune'), given.flag('force')];
  const lab = given.text('lab') ?? '';
  faults.throwIfAny();
  try {
    const inventory = { $case: 'yaml', value: textOf(request) } as const;
    const berth = roles.for(request.caller);
    const answer = await berth.inventory.applyInventory({ lab, inventory, validateOnly: dryRun, prune, force });
    if (prefersText(request.headers.accept)) return await reply.type(TEXT).send(`${changesText(answer, dryRun)}\n`);
    return await reply.type(JSON_TYPE).send(lineOf(changesView(answer, dryRun)));
  } catch (error) {
    if (!isAboutFile(error)) throw error;
    return await tellFaults(error, request, reply);
  }
}

function isAboutFile(error: unknown): error is ClientError | BerthError {
  const isKnown = error instanceof ClientError || error instanceof BerthError;
  return isKnown && error.reason === 'INVALID_INVENTORY';
}

/** The body as text. Throws UNSUPPORTED_MEDIA for a form with files, INVALID_INVENTORY for what is not UTF-8. */
function textOf({ body, headers }: FastifyRequest): string {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('multipart/')) {
    const how = 'send the file itself: curl --data-binary @lab.yaml';
    throw new BerthError('UNSUPPORTED_MEDIA', `a body of type multipart is not read here; ${how}`, {
      fields: [{ field: 'content-type', description: `is multipart; ${how}` }],
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(body));
  } catch {
    const description = 'is not text in UTF-8';
    throw new BerthError('INVALID_INVENTORY', `the inventory ${description}; nothing was changed`, {
      fields: [{ field: 'yaml', description }],
    });
  }
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.of();
}

const ONE_LINE =
  'the file came as a single line, since `curl -d @lab.yaml` takes line ends out; use `curl --data-binary @lab.yaml`';

/** Whether a file was most likely sent without its line ends. */
function lostLines({ body, headers }: FastifyRequest): boolean {
  const bytes = bytesOf(body);
  return bytes.length > 0 && !bytes.includes('\n') && headers['content-type']?.startsWith(FORM) === true;
}

async function tellFaults(
  error: ClientError | BerthError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body } = httpError(error, request.id);
  const hint = lostLines(request) ? ONE_LINE : '';
  void reply.code(UNPROCESSABLE);
  if (prefersText(request.headers.accept)) {
    return reply.type(TEXT).send(`${[body.message, hint].filter(Boolean).join('\n  ')}\n`);
  }
  const faults = inventoryFaults(error.details.fields ?? []);
  if (hint !== '') faults.push({ path: '', message: hint });
  return reply.type(JSON_TYPE).send(lineOf({ ...body, faults }));
}

function changesView(
  { created, updated, removed, unchanged, revision, leftOut }: ApplyInventoryResponse,
  dryRun: boolean,
) {
  return { created, updated, removed, unchanged, revision, ...(leftOut > 0 && { leftOut }), dryRun };
}

/** A line for each kind of change: `created 2 (resource1, resource2)`. */
function changesText(answer: ApplyInventoryResponse, dryRun: boolean): string {
  const { created, updated, removed, unchanged, leftOut } = answer;
  const lines = Object.entries({ created, updated, removed })
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${dryRun ? 'to be ' : ''}${kind}: ${names.join(', ')}`);
  if (lines.length === 0) lines.push(dryRun ? 'this would change nothing' : 'nothing changed');
  if (unchanged.length > 0) lines.push(`unchanged: ${unchanged.join(', ')}`);
  if (leftOut > 0) lines.push(`and ${String(leftOut)} more`);
  return lines.join('\n');
}
