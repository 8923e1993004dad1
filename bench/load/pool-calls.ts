import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  CloseTicketRequest,
  CreateTicketRequest,
  PoolServiceDefinition,
  WaitTicketRequest,
  WaitTicketResponse,
} from '@berth/proto/berth/pool/v1/pool_service';
import { GrpcClients } from './grpc-clients.js';
import { inParallel } from './in-parallel.js';

const { createTicket, closeTicket, waitTicket } = PoolServiceDefinition.methods;
const PATH = `/${PoolServiceDefinition.fullName}`;

export interface SpawnJob {
  readonly command: string;
  readonly parallel: number;
  readonly seconds: number;
}

/** Runs a command by sh, again and again, as a bare program would; answers how long each took, in ms. */
export async function spawnCommands({ command, parallel, seconds }: SpawnJob): Promise<readonly number[]> {
  const started = performance.now();
  const latencies: number[] = [];
  const one = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1000) {
      const began = performance.now();
      await once(spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }), 'close');
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return latencies;
}

export interface TicketsJob {
  readonly address: string;
  readonly tag: string;
  readonly concurrency: number;
  readonly seconds: number;
}

/** Makes tickets, waits until each is ready, and closes it; answers how many. */
export async function runTickets({ address, tag, concurrency, seconds }: TicketsJob): Promise<number> {
  const calls = new PoolCalls(address, concurrency);
  const started = performance.now();
  let served = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1000) {
      const number = await calls.create(tag, '');
      await calls.wait(number);
      await calls.close(number);
      served += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, one));
    return served;
  } finally {
    calls.end();
  }
}

export interface PassOnJob {
  readonly address: string;
  readonly tag: string;
  readonly sandbox: string;
  readonly times: number;
}

/** Passes one resource on within a sandbox; answers the times from CloseTicket until the next ticket is ready, in ms. */
export async function passOn({ address, tag, sandbox, times }: PassOnJob): Promise<readonly number[]> {
  const calls = new PoolCalls(address, 4);
  const latencies: number[] = [];
  try {
    let holder = await calls.create(tag, sandbox);
    await calls.wait(holder);
    for (let i = 0; i < times; i += 1) {
      const next = await calls.create(tag, sandbox);
      const ready = calls.wait(next);
      const began = performance.now();
      await calls.close(holder);
      await ready;
      latencies.push(performance.now() - began);
      holder = next;
    }
    await calls.close(holder);
    return latencies;
  } finally {
    calls.end();
  }
}

export interface QueueJob {
  readonly address: string;
  readonly tag: string;
  readonly count: number;
}

/** Makes tickets that stay; answers how long each took, in ms. */
export async function queueTickets({ address, tag, count }: QueueJob): Promise<readonly number[]> {
  const calls = new PoolCalls(address, 4);
  const latencies: number[] = [];
  try {
    await inParallel(Array.from({ length: count }), async () => {
      const began = performance.now();
      await calls.create(tag, '');
      latencies.push(performance.now() - began);
    });
    return latencies;
  } finally {
    calls.end();
  }
}

/** Makes tickets one after the other, and closes each; answers how long making took, in ms. */
export async function timeTickets({ address, tag, count }: QueueJob): Promise<readonly number[]> {
  const calls = new PoolCalls(address, 1);
  const latencies: number[] = [];
  try {
    for (let i = 0; i < count; i += 1) {
      const began = performance.now();
      const number = await calls.create(tag, '');
      latencies.push(performance.now() - began);
      await calls.close(number);
    }
    return latencies;
  } finally {
    calls.end();
  }
}

class PoolCalls {
  readonly #grpc: GrpcClients;

  constructor(address: string, connections: number) {
    this.#grpc = new GrpcClients(address, connections);
  }

  async create(tag: string, sandbox: string): Promise<number> {
    const request = CreateTicketRequest.fromPartial({ tags: [tag], sandbox });
    return (await this.#grpc.unary(`${PATH}/CreateTicket`, createTicket, request)).ticket?.number ?? 0;
  }

  /** Resolves when the ticket is ready. */
  wait(number: number): Promise<void> {
    const bytes = Buffer.from(WaitTicketRequest.encode(WaitTicketRequest.fromPartial({ number })).finish());
    const stream = this.#grpc.stream(`${PATH}/${waitTicket.name}`, bytes);
    return new Promise((resolve, reject) => {
      stream.on('data', (message: Buffer) => {
        if (WaitTicketResponse.decode(message).ticket?.ready === true) resolve();
      });
      stream.on('error', reject);
      stream.on('end', () => {
        reject(new Error(`ticket ${String(number)} is not ready`));
      });
    });
  }

  async close(number: number): Promise<void> {
    await this.#grpc.unary(`${PATH}/CloseTicket`, closeTicket, CloseTicketRequest.fromPartial({ number }));
  }

  end(): void {
    this.#grpc.close();
  }
}
