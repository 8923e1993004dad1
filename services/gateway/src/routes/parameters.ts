import { didYouMean } from '@berth/kernel';
import type { Faults } from '@berth/server';
import type { FastifyRequest } from 'fastify';
import { bodyOf, type RawBody } from './raw-body.js';

/** What a whole number may be. */
export interface WholeLimits {
  readonly least?: number;
  readonly most?: number;
}

/** What a request says, by name: in its URL, in a form, or in a JSON object. Faults are collected. */
export class GivenParameters {
  constructor(
    private readonly given: ReadonlyMap<string, string>,
    private readonly faults: Faults,
  ) {}

  /** Whether it is said at all. */
  has(name: string): boolean {
    return this.given.has(name);
  }

  /** A text; undefined when it is absent or empty. */
  text(name: string): string | undefined {
    const text = this.given.get(name);
    return text === '' ? undefined : text;
  }

  /** A text that must be there; `example` says how. */
  required(name: string, example: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) this.faults.add(name, `is required, for example ${name}=${example}`);
    return text;
  }

  /** A whole number; undefined when it is absent or none, and then there is a fault. */
  whole(name: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: WholeLimits = {}): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${String(most)}`;
    this.faults.add(name, `is ${JSON.stringify(text)}; a whole number from ${String(least)} ${upTo} is expected`);
    return undefined;
  }

  /** True for `1`, `true` and `yes`; false when it is absent. */
  flag(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined || ['0', 'false', 'no'].includes(text)) return false;
    if (!['1', 'true', 'yes'].includes(text)) this.faults.add(name, `is ${JSON.stringify(text)}; 1 or 0 is expected`);
    return true;
  }

  /** The value that stands beside one of the words of a table; undefined when it is absent or none of them. */
  choice<Value>(name: string, table: Readonly<Record<string, Value>>): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (Object.hasOwn(table, text)) return table[text];
    const words = Object.keys(table);
    this.faults.add(name, `is ${JSON.stringify(text)}${didYouMean(text, words)} Allowed are ${words.join(', ')}`);
    return undefined;
  }
}

/**
 * The parameters of a request, from its URL and its body. What is none of `known`, stands there twice or is no plain value
 * is a fault that says what is allowed.
 */
export function parametersOf(request: FastifyRequest, known: readonly string[], faults: Faults): GivenParameters {
  return readParameters(queryOf(request), bodyOf(request), known, faults);
}

/** The query of a request. Read from its URL, since a `%` that stands for itself (`share=20%`) is not for all readers. */
export function queryOf({ raw: { url = '' } }: FastifyRequest): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

/** Reads parameters; see `parametersOf`. */
export function readParameters(
  query: URLSearchParams,
  body: RawBody,
  known: readonly string[],
  faults: Faults,
): GivenParameters {
  const given = new Map<string, string>();
  for (const [name, value] of [...query, ...bodyEntries(body, faults)]) {
    if (!known.includes(name)) faults.add(name, unknownParameter(name, known));
    else if (given.has(name)) faults.add(name, 'is given twice; give it once, in the URL or in the body');
    else given.set(name, value);
  }
  return new GivenParameters(given, faults);
}

/** What is wrong with a parameter that there is not. */
function unknownParameter(name: string, known: readonly string[]): string {
  const allowed = known.length === 0 ? 'none is allowed here' : `allowed are ${known.join(', ')}`;
  return `is no parameter here${didYouMean(name, known)} ${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}`;
}

function bodyEntries(body: RawBody, faults: Faults): Iterable<readonly [string, string]> {
  if (body.type === 'none') return [];
  if (body.type === 'form') return body.form;
  const { value } = body;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.add('body', 'must be a JSON object with the parameters by name');
    return [];
  }
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) => {
    if (each === null) return [];
    if (typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean')
      return [[name, String(each)]];
    faults.add(name, 'must be a text, a number, true or false');
    return [];
  });
}
