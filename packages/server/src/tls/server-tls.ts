import type { Server, TlsOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { Clock, Logger } from '@berth/kernel';
import { invalidConfig } from '../process/config-faults.js';
import { readTextFile, WatchedFile } from '../process/watched-file.js';
import type { TlsConfig } from './tls-config.js';

/** What a listener is secured with. */
export interface Certificates {
  readonly cert: string;
  readonly key: string;
  /** The authority of clients; absent = no client is asked for a certificate. */
  readonly ca?: string;
}

export interface ServerTlsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The TLS of a process: its certificate, and the authority of its clients, as they are in their files at present. */
export class ServerTls {
  #certificates: Certificates;
  readonly #files: readonly WatchedFile[];
  readonly #listeners = new Set<(certificates: Certificates) => void>();

  /** Reads the files. Throws INVALID_CONFIG when one cannot be read, and when certificate and key do not belong together. */
  constructor(
    private readonly paths: { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined },
    { clock, logger }: ServerTlsDeps,
  ) {
    this.#certificates = read(paths);
    const take = (): Promise<void> => {
      this.#take();
      return Promise.resolve();
    };
    const { cert, key, clientCa } = paths;
    const files = [
      [cert, 'the certificate'],
      [key, 'the private key'],
      [clientCa, 'the authority of clients'],
    ] as const;
    this.#files = files.flatMap(([path, what]) =>
      path === undefined ? [] : new WatchedFile({ path, what, take, clock, logger }),
    );
  }

  get certificates(): Certificates {
    return this.#certificates;
  }

  /**
   * Options for a listener. A client may come without a certificate; one that is not valid is taken here, and refused with
   * BAD_CREDENTIALS when it is looked at, so that the client learns what is wrong.
   */
  get options(): TlsOptions {
    const { ca } = this.#certificates;
    return { ...this.#certificates, minVersion: 'TLSv1.2', requestCert: ca !== undefined, rejectUnauthorized: false };
  }

  /** Calls `listener` with each change of the files. */
  onChange(listener: (certificates: Certificates) => void): void {
    this.#listeners.add(listener);
  }

  /** Has a listener of Node.js take each change. */
  follow(server: Server): void {
    this.onChange((certificates) => {
      server.setSecureContext({ ...certificates, minVersion: 'TLSv1.2' });
    });
  }

  /** Watches the files. */
  async start(): Promise<void> {
    for (const file of this.#files) await file.start();
  }

  async stop(): Promise<void> {
    for (const file of this.#files) await file.stop();
  }

  /** Certificate and key are written one after the other: in between they do not belong together, and what was stays. */
  #take(): void {
    const found = read(this.paths);
    const { cert, key, ca } = this.#certificates;
    if (found.cert === cert && found.key === key && found.ca === ca) return;
    this.#certificates = found;
    for (const listener of this.#listeners) listener(found);
  }
}

/** The TLS of a process that its settings ask for; undefined = none. Throws INVALID_CONFIG. */
export function createServerTls({ cert, key, clientCa }: TlsConfig, deps: ServerTlsDeps): ServerTls | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return new ServerTls({ cert, key, clientCa }, deps);
}

function read(paths: {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}): Certificates {
  const { cert, key, clientCa } = paths;
  const certificates = {
    cert: readTextFile(cert, 'the certificate'),
    key: readTextFile(key, 'the private key'),
    ...(clientCa !== undefined && { ca: readTextFile(clientCa, 'the authority of clients') }),
  };
  try {
    createSecureContext(certificates);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidConfig(
      [{ where: cert, path: 'tls.cert', message: `cannot be used with ${key} (${why}); make both of them again` }],
      'the TLS of this process',
    );
  }
  return certificates;
}
