import type { ServerHttp2Session } from 'node:http2';
import type { CertificateSubject, KeepAlive } from '@berth/server';
import { LINGER_MS, peerCertificate } from '@berth/server';
import type { RoleConnection } from './role-connection.js';
import { hostAndPort } from './role-address.js';
import { connectRole } from './role-connection.js';
import type { RoleTargets } from './role-target.js';

export interface ClientConnectionDeps {
  /** How long connecting to a role may take. */
  readonly connectMs: number;
  readonly keepAlive: KeepAlive;
  /** Whether clients have been told to go elsewhere, and may be on their way. */
  readonly isLeft: () => boolean;
}

/**
 * A client's connection, and those of its own to the roles that it calls. They are shared with no other client: what a client
 * does to them (resets, floods, its death) touches its own streams only, and they end with it.
 */
export class ClientConnection {
  /** The address of the client. */
  readonly peer: string;
  readonly #roles = new Map<string, RoleConnection | Promise<RoleConnection>>();
  /** Connections that end with their last stream. */
  readonly #retired = new Set<RoleConnection>();

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly deps: ClientConnectionDeps,
  ) {
    const { remoteAddress = '', remotePort = 0 } = session.socket;
    this.peer = hostAndPort(remoteAddress, remotePort);
    session.once('close', () => {
      this.afterGone(() => {
        this.#close();
      });
    });
  }

  /** The subject of the client's certificate. */
  get certificate(): CertificateSubject | undefined {
    return peerCertificate(this.session.socket);
  }

  /** The connection for a new stream to a role; at once where there is one. Throws, or rejects with, ROLE_UNAVAILABLE. */
  to(targets: RoleTargets): RoleConnection | Promise<RoleConnection> {
    const { role } = targets;
    const present = this.#roles.get(role);
    if (present instanceof Promise) return present;
    if (present?.isUsable === true) {
      if (!isBetterOffElsewhere(present, targets)) return present;
      present.retire();
    }
    if (present !== undefined) this.#keepUntilDone(present);
    const connecting = this.#connect(targets);
    this.#roles.set(role, connecting);
    return connecting;
  }

  /** Calls back when the roles are to learn that the client, or a stream of it, has gone. */
  afterGone(tell: () => void): void {
    const { isLeft, keepAlive } = this.deps;
    if (this.session.destroyed && isLeft()) keepAlive.clock.after(LINGER_MS, tell);
    else tell();
  }

  async #connect(targets: RoleTargets): Promise<RoleConnection> {
    const { connectMs, keepAlive } = this.deps;
    try {
      const connection = await connectRole(targets, connectMs, keepAlive);
      if (this.session.destroyed) connection.destroy();
      this.#roles.set(targets.role, connection);
      return connection;
    } catch (error) {
      // The next call tries again.
      this.#roles.delete(targets.role);
      throw error;
    }
  }

  #keepUntilDone(connection: RoleConnection): void {
    if (connection.isGone) return;
    this.#retired.add(connection);
    connection.onGone(() => this.#retired.delete(connection));
  }

  #close(): void {
    for (const connection of [...this.#roles.values(), ...this.#retired]) {
      if (!(connection instanceof Promise)) connection.destroy();
    }
  }
}

/** Whether the process at the other end stops, or is ill, and another one of its role is well. */
function isBetterOffElsewhere({ target }: RoleConnection, targets: RoleTargets): boolean {
  return target.serving === false && targets.isServing;
}
