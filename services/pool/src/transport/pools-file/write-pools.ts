import { yamlText } from '@berth/server';
import { Document, visit } from 'yaml';
import type { PoolOptions } from '../../domain/options/options.js';
import { givenOptions, plainOptions } from '../../domain/options/plain-options.js';

/** Writes pools in the form that readPools takes, without options that are as they are by default; comments are not kept. */
export function writePools(pools: readonly PoolOptions[]): string {
  return written(Object.fromEntries(pools.map((pool) => [pool.name, givenOptions(pool)])));
}

/** Writes all options of one pool, defaults included. */
export function writeOptions(pool: PoolOptions): string {
  return written(plainOptions(pool));
}

function written(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false, version: '1.2' });
  // Tags and commands read best on one line.
  visit(document, {
    Seq: (_, list) => {
      list.flow = true;
    },
  });
  return yamlText(document, { lineWidth: 0, flowCollectionPadding: true });
}
