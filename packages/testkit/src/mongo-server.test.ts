import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import test from 'ava';
import { MongoClient } from 'mongodb';
import { lives } from './lives.js';
import { requireMongo, someMongo, startMongo } from './mongo-server.js';
import { requireServer } from './require-server.js';

if (requireServer(test, 'mongod')) {
  test('MongoDB restarts on its port, and a frozen one is stopped too', async (t) => {
    const server = await startMongo();
    const { pid, port } = server;
    t.true(lives(pid));
    await server.kill('SIGKILL');
    t.false(lives(pid));
    await server.restart();
    t.not(server.pid, pid);
    t.is(server.port, port);
    const second = server.pid;
    await server.kill('SIGSTOP');
    await server.stop();
    t.false(lives(second));
  });

  test('MongoDB is reached by its URL also when somebody was faster with its port', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const wished = (other.address() as AddressInfo).port;
    const server = await startMongo({ wished });
    const client = new MongoClient(server.url, { serverSelectionTimeoutMS: 10_000 });
    t.teardown(async () => {
      await client.close();
      await server.stop();
      other.close();
    });
    t.not(server.port, wished);
    t.is((await client.db('admin').command({ ping: 1 }))['ok'], 1);
  });
}

if (requireMongo(test)) {
  test('the database of a test is gone when the test has ended', async (t) => {
    const server = await someMongo();
    const client = new MongoClient(server.url);
    t.teardown(async () => {
      await client.close();
      await server.stop();
    });
    const ending: (() => Promise<void>)[] = [];
    const name = server.database({ teardown: (work) => void ending.push(work) });
    const names = async () => (await client.db().admin().listDatabases({ nameOnly: true })).databases;
    await client.db(name).collection('things').insertOne({ some: 'thing' });
    t.true((await names()).some((one) => one.name === name));
    for (const work of ending) await work();
    t.false((await names()).some((one) => one.name === name));
  });
}
