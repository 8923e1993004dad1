import { type Berth, connect } from '@berth/client';
import { systemClock } from '@berth/kernel';
import { createGrpcServer, createHttpServer, type Identity, openIdentity } from '@berth/server';
import { closedAfter, startBerthd, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Roles } from '../../ports/roles.js';
import { GrpcRoles } from '../../remote/grpc-roles.js';
import { xmlRpcRoutes } from './xmlrpc-routes.js';

export interface XmlRpcServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** An operator. */
  readonly operator: Berth;
  /** What was asked of the pool service, in order. */
  readonly asked: readonly string[];
  /** Clients with a connection of their own that are open. */
  readonly waiting: number;
  readonly stop: () => Promise<void>;
}

/** Serves XML-RPC for the pools of a real berthd. */
export async function serveXmlRpc(
  t: ExecutionContext,
  pools: string,
  identity: Identity = openIdentity(),
): Promise<XmlRpcServer> {
  const file = join(tempFolder(t), 'pools.yaml');
  writeFileSync(file, pools);
  const berthd = await startBerthd({ settings: { pool: { file } } });
  t.teardown(() => berthd.stop());
  const log = pino({ level: 'silent' });
  const roles = new GrpcRoles({ address: () => berthd.address, secret: '' });
  const seen = new SeenRoles(roles);
  const listen = { host: '127.0.0.1', port: 0 };
  const { health } = createGrpcServer({ ...listen, log });
  const http = await createHttpServer({ listen, identity, health, log });
  void http.app.register((room) => xmlRpcRoutes(room, { roles: seen, clock: systemClock(), log, version: 'test' }));
  await http.start();
  t.teardown(async () => {
    await http.stop();
    roles.close();
  });
  return {
    url: `http://127.0.0.1:${String(http.address.port)}`,
    operator: closedAfter(t, connect({ address: berthd.address, user: 'op', role: 'operator' })),
    asked: seen.asked,
    get waiting() {
      return seen.waiting;
    },
    stop: () => http.stop(),
  };
}

/** Roles that keep what was asked. */
class SeenRoles implements Roles {
  readonly asked: string[] = [];
  waiting = 0;

  constructor(private readonly roles: Roles) {}

  for(...[caller, options]: Parameters<Roles['for']>): Berth {
    const berth = this.roles.for(caller, options);
    const own = options?.own === true ? 1 : 0;
    this.waiting += own;
    const note = (name: string): void => void this.asked.push(name);
    return {
      ...berth,
      pools: new Proxy(berth.pools, {
        get(stub, name, receiver): unknown {
          note(String(name));
          return Reflect.get(stub, name, receiver);
        },
      }),
      waitTicket(what) {
        note('waitTicket');
        return berth.waitTicket(what);
      },
      close: () => {
        this.waiting -= own;
        berth.close();
      },
    };
  }

  unary(...args: Parameters<Roles['unary']>): ReturnType<Roles['unary']> {
    return this.roles.unary(...args);
  }

  stream(...args: Parameters<Roles['stream']>): ReturnType<Roles['stream']> {
    return this.roles.stream(...args);
  }
}
