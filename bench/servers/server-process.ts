import type { ChildProcess } from 'node:child_process';
import { credentials, Client } from '@grpc/grpc-js';
import { freePort, residentKib, until } from '@berth/testkit';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { endChild, processorSeconds, startChild } from './child-process.js';

/** A gRPC server under load, in a process of its own. */
export interface ServerProcess {
  readonly address: string;
  readonly pid: number;
  /** From the start of the process until health said SERVING. */
  readonly startMs: number;
  residentKib(): number;
  processorSeconds(): number;
  /** Stops it from running, and lets it go on: it costs its core nothing while another one is measured. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a program that serves on the address it is given, and resolves when health says SERVING. */
export async function startServer(
  command: (address: string) => readonly string[],
  options: { readonly cores: readonly number[]; readonly env?: (port: number) => NodeJS.ProcessEnv },
): Promise<ServerProcess> {
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  const started = performance.now();
  const child = startChild(command(address), { cores: options.cores, env: options.env?.(port) ?? {} });
  await until(() => serves(address, child), { what: `${address} to serve`, timeoutMs: 30_000 });
  const startMs = performance.now() - started;
  const pid = child.pid ?? 0;
  return {
    address,
    pid,
    startMs,
    residentKib: () => residentKib(pid),
    processorSeconds: () => processorSeconds(pid),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: () => endChild(child),
  };
}

const SERVING = 1;

/** One health check on a connection of its own, so that no reconnection back-off is measured. */
function serves(address: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}`);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  });
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      () => Buffer.alloc(0),
      readStatus,
      null,
      (error, status) => {
        client.close();
        resolve(error === null && status === SERVING);
      },
    );
  });
}

/** HealthCheckResponse { ServingStatus status = 1; } */
function readStatus(bytes: Buffer): number {
  const reader = new BinaryReader(bytes);
  if (reader.len === 0) return 0;
  reader.tag();
  return reader.int32();
}
