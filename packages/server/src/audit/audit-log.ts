import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { invalidConfig } from '../process/config-faults.js';
import type { Audit, AuditEntry } from './audit.js';
import { auditLine, NO_LINE, readAuditLine } from './audit-line.js';

export interface AuditLogOptions {
  /** The folder; made when it is not there. One process at a time writes to it. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A file that has grown to this is followed by a new one. Default 64 MiB. */
  readonly maxFileBytes?: number;
}

const NAME = /^audit-.*\.jsonl$/;

/** Files of JSON lines, each with the hash of the line before: a file a start, and a new one when that is large. */
export class AuditLog implements Audit {
  #fd: number | undefined;
  #name = '';
  #bytes = 0;
  #prev = NO_LINE;
  #files = 0;

  constructor(private readonly options: AuditLogOptions) {}

  /** Begins a file. Throws INVALID_CONFIG when the folder cannot be written to. */
  open(): void {
    const { dir } = this.options;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const [last] = readdirSync(dir)
        .filter((name) => NAME.test(name))
        .sort()
        .slice(-1);
      this.#name = last ?? '';
      if (last !== undefined) this.#prev = lastHash(readFileSync(join(dir, last), 'utf8'));
      this.#begin();
    } catch (error) {
      const message = `cannot be written to (${error instanceof Error ? error.message : String(error)})`;
      throw invalidConfig([{ where: dir, path: 'audit.dir', message }]);
    }
  }

  write({ caller, ...entry }: AuditEntry): void {
    const { name, role, team, via, by } = caller ?? {};
    const { decision, method, target, reason, why, requestId, peer } = entry;
    const time = new Date(this.options.clock.now()).toISOString();
    const facts = { time, decision, caller: name, role, team, via, by, method, target, reason, why, requestId, peer };
    try {
      if (this.#bytes >= (this.options.maxFileBytes ?? 64 << 20)) this.#begin();
      this.#append(facts);
    } catch (cause) {
      this.options.logger.error({ err: cause, file: this.#name, entry: facts }, 'the audit cannot be written');
      throw new BerthError(
        'STORE_UNAVAILABLE',
        'the audit cannot be written, and nothing is changed without it; look at the log of berthd, then try again',
        { retryAfterMs: 1000 },
        { cause },
      );
    }
  }

  /** Closes the file; what is in it is on the disk then. */
  close(): void {
    if (this.#fd === undefined) return;
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #begin(): void {
    const after = this.#name === '' ? undefined : this.#name;
    const time = new Date(this.options.clock.now()).toISOString();
    this.#files += 1;
    const name = `audit-${time.replaceAll(/[-:]/g, '')}-${String(process.pid)}-${String(this.#files)}.jsonl`;
    const fd = openSync(join(this.options.dir, name), 'ax', 0o600);
    this.close();
    this.#fd = fd;
    this.#name = name;
    this.#bytes = 0;
    this.#append({ time, decision: 'begin', after });
  }

  /** At once, and without waiting for the disk: it outlives the process, not the machine. */
  #append(facts: object): void {
    if (this.#fd === undefined) throw new Error('the audit is not open');
    const { text, hash } = auditLine(facts, this.#prev);
    const bytes = Buffer.from(`${text}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      // A full disk took a part of it: the next line must not follow that.
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
    this.#prev = hash;
  }
}

/** The hash of the last whole line of a file. */
function lastHash(text: string): string {
  const lines = text.split('\n');
  for (let i = lines.length - 1; i >= 0; i -= 1) {
    const line = readAuditLine(lines[i] ?? '');
    if (line !== undefined) return line.hash;
  }
  return NO_LINE;
}
