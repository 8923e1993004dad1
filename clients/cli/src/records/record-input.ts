import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseRepeated } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';

/** The kind that a command is about. */
export interface KindFlag {
  readonly resource: string;
}

/** Adds the flag that says which kind of records a command is about. */
export function addKindOption(command: Command): Command {
  return command.option('-r, --resource <kind>', 'the kind of records, such as public-addresses', 'machines');
}

/** Adds the flag that says which records are meant. */
export function addFilterOption(command: Command): Command {
  return command.option(
    '--filter <condition>',
    'field=value, field=prefix*, field>=value or field<value; repeat it for several, all of which must hold',
    parseRepeated,
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** The records that `--json` holds: an object or a list of them; `-` is stdin, `@FILE` a file. Throws `UsageError`. */
export function fieldsOfJson(text: string): Fields | readonly Fields[] {
  let value: unknown;
  try {
    value = JSON.parse(
      text === '-' ? readFileSync(0, 'utf8') : text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--json cannot be read: ${why}`, `write an object, as in --json '{"hostname":"my-machine"}'`);
  }
  if (Array.isArray(value) && value.every(isFields)) return value;
  if (isFields(value)) return value;
  throw new UsageError('--json is no object', `write one, as in --json '{"hostname":"my-machine"}'`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
