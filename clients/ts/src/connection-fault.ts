/**
 * Why there is no connection: the server's certificate is from nobody that is trusted here (`UNTRUSTED`), is for another name
 * (`OTHER_NAME`) or is not valid now (`NOT_VALID_NOW`); the server does not speak TLS (`NOT_TLS`); it asks for a client's
 * certificate (`CERTIFICATE_REQUIRED`), or does not take the one that it got (`CERTIFICATE_REFUSED`); it closed the connection
 * before it said anything (`CLOSED`), as one does that speaks only TLS to a client that does not, or that does not take a
 * client's certificate; `OTHER` = nobody listens, and all else.
 */
export type ConnectionFaultKind =
  | 'UNTRUSTED'
  | 'OTHER_NAME'
  | 'NOT_VALID_NOW'
  | 'NOT_TLS'
  | 'CERTIFICATE_REQUIRED'
  | 'CERTIFICATE_REFUSED'
  | 'CLOSED'
  | 'OTHER';

export interface ConnectionFault {
  readonly kind: ConnectionFaultKind;
  /** For people, without grpc-js's own words around it. */
  readonly text: string;
}

/** What Node and OpenSSL say, and what it means. The first that matches counts. */
const FAULTS: readonly (readonly [said: RegExp, kind: ConnectionFaultKind, meaning: string])[] = [
  [
    /self-signed certificate|unable to (verify|get (local )?issuer)/i,
    'UNTRUSTED',
    "the server's certificate is from an authority that is not trusted here",
  ],
  [/does not match certificate's altnames/i, 'OTHER_NAME', "the server's certificate is for another name"],
  [/certificate (has expired|is not yet valid)/i, 'NOT_VALID_NOW', "the server's certificate is not valid now"],
  [/wrong version number|packet length too long|http request/i, 'NOT_TLS', 'the server does not speak TLS'],
  [/alert certificate required/i, 'CERTIFICATE_REQUIRED', "the server asks for a client's certificate"],
  [
    /alert (unknown ca|bad certificate|certificate (expired|unknown|revoked)|handshake failure)/i,
    'CERTIFICATE_REFUSED',
    "the server does not take this client's certificate",
  ],
  [/^Failed to connect$/, 'CLOSED', 'the server closed the connection before it said anything'],
];

/** The fault in grpc-js's text about a call that found no connection; undefined when the text is about something else. */
export function connectionFaultOf(text: string): ConnectionFault | undefined {
  const why = /No connection established\. Last error: (?:Error(?: \[\w+\])?: )?(.+?)\.? Resolution note/s.exec(
    text,
  )?.[1];
  if (why === undefined) return undefined;
  const said = wordsOf(why);
  const [, kind, meaning] = FAULTS.find(([pattern]) => pattern.test(said)) ?? [undefined, 'OTHER' as const, ''];
  if (kind === 'CLOSED') return { kind, text: meaning };
  return { kind, text: meaning === '' ? said : `${meaning} (${said})` };
}

/** Without the time at its end, and of OpenSSL's `id:error:code:library:function:reason:file:line` the reason. */
function wordsOf(why: string): string {
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(why)?.[1];
  return reason ?? why.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, '').trim();
}
