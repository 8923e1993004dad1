import { readFileSync, writeFileSync } from 'node:fs';
import type { BSON as Bson } from 'mongodb';

interface Dump {
  readonly name: string;
  readonly indexes: readonly { readonly key: Record<string, 1>; readonly name: string }[];
  readonly documents: readonly Bson.Document[];
}

/** Writes a database into a file, a line a collection. */
export async function dumpMongo(url: string, database: string, file: string): Promise<void> {
  // Loaded here: most who use the testkit need no MongoDB.
  const { BSON, MongoClient } = await import('mongodb');
  const client = new MongoClient(url);
  try {
    const collections = await client.db(database).collections();
    const lines = await Promise.all(
      collections
        .sort((a, b) => a.collectionName.localeCompare(b.collectionName))
        .map(async (collection) => {
          const dump = {
            name: collection.collectionName,
            indexes: await collection.indexes(),
            documents: await collection.find().toArray(),
          };
          return BSON.EJSON.stringify(dump, { relaxed: false });
        }),
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
  } finally {
    await client.close();
  }
}

/** Puts what `dumpMongo` wrote into an empty server, indexes too. */
export async function restoreMongo(url: string, database: string, file: string): Promise<void> {
  const { BSON, MongoClient } = await import('mongodb');
  const client = new MongoClient(url);
  try {
    for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
      const { name, indexes, documents } = BSON.EJSON.parse(line) as Dump;
      const collection = await client.db(database).createCollection(name);
      const further = indexes.filter((index) => index.name !== '_id_');
      if (further.length > 0) await collection.createIndexes(further.map((index) => ({ ...index })));
      if (documents.length > 0) await collection.insertMany([...documents]);
    }
  } finally {
    await client.close();
  }
}
