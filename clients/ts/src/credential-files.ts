import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { TlsOptions } from './channel.js';
import type { TokenSource } from './token-source.js';

/** Paths of PEM files; empty = not given. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What is in the files; undefined when none is given. Throws a TypeError that names a file that cannot be read. */
export function tlsFromFiles(files: TlsFiles): TlsOptions | undefined {
  const given = (['ca', 'cert', 'key'] as const).flatMap((what): [string, Buffer][] => {
    const path = files[what];
    return path ? [[what, readPem(path)]] : [];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/**
 * A source that reads the token from a file each time it is asked, without the space around it; undefined without a path. It
 * throws a TypeError that names a file that cannot be read or is empty.
 */
export function tokenFromFile(path: string | undefined): TokenSource | undefined {
  if (!path) return undefined;
  return async () => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      throw unreadable('the token file', path, cause);
    }
    const token = text.trim();
    if (token === '') throw new TypeError(`the token file ${path} is empty`);
    return token;
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadable('the file', path, cause);
  }
}

function unreadable(what: string, path: string, cause: unknown): TypeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(`${what} ${path} cannot be read: ${why}`, { cause });
}
