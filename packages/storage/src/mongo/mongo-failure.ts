import { BerthError } from '@berth/kernel';
import { mongo } from 'mongoose';

const RETRY_AFTER_MS = 500;

/** Error codes of a server that cannot serve now, with what to do about each. Others are faults of ours. */
const ADVICE: Readonly<Record<number, string>> = {
  13: 'its user may not do this: give it the role readWrite',
  18: 'it refuses user or password in the URL',
  50: 'it took too long: check its load and its disk',
  64: 'a majority of its nodes did not have the write in time: check its replica set',
  91: 'it is shutting down: wait',
  189: 'its primary stepped down: wait',
  10107: 'it is no primary: name the replica set in the URL (?replicaSet=…)',
  11600: 'it is shutting down: wait',
  11602: 'its primary stepped down: wait',
  13435: 'it is no primary: name the replica set in the URL (?replicaSet=…)',
  13436: 'it is no primary yet: wait',
  14031: 'its disk is full: free some space',
};

/** Of these, what stays as it is until somebody does something about it; nothing was written. */
const STAYS: ReadonlySet<unknown> = new Set([13, 18, 14031]);

const DUPLICATE_KEY = 11_000;

/** Where the server is, for people: the URL without user, password and options. */
export function addressOf(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/]*@/, '')
    .replace(/[/?].*$/, '');
}

/** Whether the server answered, and refused what was asked for as such: to ask again gives the same answer. */
function refused(error: mongo.MongoError): boolean {
  if (error instanceof mongo.MongoInvalidArgumentError || error instanceof mongo.MongoParseError) return true;
  if (!(error instanceof mongo.MongoServerError) || typeof error.code !== 'number') return false;
  return !(error.code in ADVICE) && !error.hasErrorLabel('RetryableWriteError');
}

/**
 * Whether a write that failed like this may have been done, or may be done when it is tried again at once: the connection
 * broke, or the server could not say that a majority has it.
 */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError && STAYS.has(error.code)) return false;
  return error instanceof mongo.MongoError && !refused(error);
}

/** The name of the unique index that refused a write (`id` for the id), from the server's message; undefined for other errors. */
export function duplicateIndex(error: { readonly code?: unknown; readonly message?: string }): string | undefined {
  if (error.code !== DUPLICATE_KEY) return undefined;
  const name = / index: (\S+) dup key/.exec(error.message ?? '')?.[1];
  return name === '_id_' ? 'id' : name;
}

/** A call that got no answer in time, or a write whose outcome cannot be told. */
export function unavailable(address: string, what: string, advice: string, cause?: unknown): BerthError {
  return new BerthError(
    'STORE_UNAVAILABLE',
    `MongoDB at ${address} does not serve (${what}); ${advice}, then retry`,
    { retryAfterMs: RETRY_AFTER_MS, metadata: { store: address } },
    { cause },
  );
}

/** What a call to MongoDB failed with, as STORE_UNAVAILABLE naming the server and the next step; other errors as they are. */
export function mongoFailure(error: unknown, address: string): unknown {
  if (!(error instanceof mongo.MongoError) || refused(error)) return error;
  const code = error instanceof mongo.MongoServerError ? Number(error.code) : 0;
  return unavailable(address, error.message, ADVICE[code] ?? 'check that it runs and can be reached', error);
}
