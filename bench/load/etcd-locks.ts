import { randomInt } from 'node:crypto';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { GrpcClients } from './grpc-clients.js';

/** A message of etcd's protocol: some fields by number, enough to lock and unlock. */
type Fields = Readonly<Record<number, Uint8Array | number>>;

const FIELDS = { encode: encodeFields, decode: decodeFields };
const CALL = { requestType: FIELDS, responseType: FIELDS };

/** etcd 3.4's lock service, over its gRPC API. */
export class EtcdLocks {
  readonly #grpc: GrpcClients;

  constructor(address: string, connections: number) {
    this.#grpc = new GrpcClients(address, connections);
  }

  /**
   * LeaseGrantRequest { int64 TTL = 1; int64 ID = 2; }. The id is ours: those that etcd makes need more than 53 bits.
   */
  async grantLease(ttlSeconds: number): Promise<number> {
    const id = randomInt(1, 2 ** 47);
    await this.#grpc.unary<Fields, Fields>('/etcdserverpb.Lease/LeaseGrant', CALL, { 1: ttlSeconds, 2: id });
    return id;
  }

  /** LockRequest { bytes name = 1; int64 lease = 2; } → LockResponse { header = 1; bytes key = 2; } */
  async lock(name: string, lease: number): Promise<Uint8Array> {
    const request = { 1: Buffer.from(name), 2: lease };
    const { 2: key } = await this.#grpc.unary<Fields, Fields>('/v3lockpb.Lock/Lock', CALL, request);
    if (!(key instanceof Uint8Array)) throw new Error('etcd answered a lock without a key');
    return key;
  }

  /** UnlockRequest { bytes key = 1; } */
  async unlock(key: Uint8Array): Promise<void> {
    await this.#grpc.unary<Fields, Fields>('/v3lockpb.Lock/Unlock', CALL, { 1: key });
  }

  close(): void {
    this.#grpc.close();
  }
}

function encodeFields(fields: Fields): BinaryWriter {
  const writer = new BinaryWriter();
  for (const [number, value] of Object.entries(fields)) {
    if (typeof value === 'number') writer.tag(Number(number), WireType.Varint).int64(String(value));
    else writer.tag(Number(number), WireType.LengthDelimited).bytes(value);
  }
  return writer;
}

function decodeFields(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields: Record<number, Uint8Array | number> = {};
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.Varint) fields[number] = Number(reader.int64());
    else if (type === WireType.LengthDelimited) fields[number] = reader.bytes();
    else reader.skip(type, number);
  }
  return fields;
}
