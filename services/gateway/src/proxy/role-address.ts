import { isIP } from 'node:net';
import { BerthError } from '@berth/kernel';

/** An address of a role, as it was configured. */
export interface RoleAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined = TLS where this process has certificates for it. */
  readonly secure: boolean | undefined;
}

const ADDRESS = /^(?:(https?):\/\/)?(?:\[([^\]]+)\]|([^:[\]/]+)):(\d{1,5})\/?$/;

/** Reads `10.0.0.5:7070,lease-2:7070`. `setting` names it in errors. Throws INVALID_CONFIG. */
export function parseRoleAddresses(text: string, setting: string): readonly RoleAddress[] {
  return text.split(',').map((part) => {
    const [, scheme, bracketed, plain, digits] = ADDRESS.exec(part.trim()) ?? [];
    const host = bracketed ?? plain;
    const port = Number(digits);
    if (host === undefined || port < 1 || port > 65_535) {
      throw new BerthError(
        'INVALID_CONFIG',
        `${setting}: "${part.trim()}" is no address; write HOST:PORT, several with commas between, for example lease-1:7070,lease-2:7070`,
        { fields: [{ field: setting, description: 'must be HOST:PORT, several with commas between' }] },
      );
    }
    return { host, port, secure: scheme === undefined ? undefined : scheme === 'https' };
  });
}

/** The address as text. */
export function hostAndPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}
