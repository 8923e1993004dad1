import type { Clock } from '@berth/kernel';
import type { Audit, Logger, Part, ProcessIdentity, ServerTls } from '@berth/server';
import { AuditLog, createIdentity, createServerTls, isLoopback, isOpen, parseListenAddress } from '@berth/server';
import type { BerthdConfig } from './config.js';
import { NO_HTTP } from './config.js';

/** What keeps a process: who its callers are, what is between it and them, and where their deeds are written down. */
export interface Guards {
  readonly identity: ProcessIdentity;
  readonly tls: ServerTls | undefined;
  readonly audit: Audit | undefined;
  /** To be started before all else, and stopped after it. */
  readonly parts: readonly Part[];
}

/** The guards that the configuration asks for. Throws INVALID_CONFIG for certificates that cannot be used. */
export function openGuards(config: BerthdConfig, clock: Clock, log: Logger): Guards {
  const deps = { clock, logger: log };
  const identity = createIdentity(config.auth, deps);
  const tls = createServerTls(config.tls, deps);
  const { dir } = config.audit;
  const audit = dir === undefined ? undefined : new AuditLog({ dir, ...deps });
  warnOfPlainText(config, log);
  return {
    identity,
    tls,
    audit,
    parts: [
      ...(audit === undefined ? [] : [auditPart(audit)]),
      { name: 'identity', start: () => identity.start(), stop: () => identity.stop() },
      ...(tls === undefined ? [] : [{ name: 'tls', start: () => tls.start(), stop: () => tls.stop() }]),
    ],
  };
}

function auditPart(audit: AuditLog): Part {
  return {
    name: 'audit',
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws becomes a rejection
    start: async () => {
      audit.open();
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the same
    stop: async () => {
      audit.close();
    },
  };
}

/** Tokens that pass a network without TLS are everybody's on the way. */
function warnOfPlainText({ auth, tls, listen, http }: BerthdConfig, log: Logger): void {
  if (isOpen(auth) || tls.cert !== undefined) return;
  const addresses = [listen, http.listen ?? NO_HTTP].filter((text) => text !== NO_HTTP);
  const open = addresses.filter((text) => !isLoopback(parseListenAddress(text)));
  if (open.length > 0) log.warn({ listen: open }, 'tokens pass the network as they are: set tls.cert and tls.key');
}
