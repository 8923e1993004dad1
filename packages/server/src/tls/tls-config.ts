import * as z from 'zod';

const file = z.string().min(1).optional();

/** Settings of `tls`: PEM files, read again when they change. */
export const tlsConfigSchema = z.strictObject({
  cert: file.describe(
    "this process's certificate with those between it and its authority; with tls.key = TLS on all ports",
  ),
  key: file.describe('its private key; only its owner may be able to read it'),
  clientCa: file.describe('the authority that certificates of clients come from; they go into auth.certificates'),
  ca: file.describe("the authority of other roles' certificates; none = tls.clientCa, else those that Node.js knows"),
});

export type TlsConfig = z.output<typeof tlsConfigSchema>;

/** What is wrong with settings that are each right: by the path of the setting. */
export function tlsFaults({ cert, key, clientCa }: TlsConfig): readonly { path: string; message: string }[] {
  if (cert !== undefined && key === undefined)
    return [{ path: 'tls.key', message: 'is missing, while tls.cert is set' }];
  if (cert === undefined && key !== undefined)
    return [{ path: 'tls.cert', message: 'is missing, while tls.key is set' }];
  if (cert === undefined && clientCa !== undefined) {
    return [{ path: 'tls.cert', message: 'is missing: without TLS no client shows a certificate (tls.clientCa)' }];
  }
  return [];
}
