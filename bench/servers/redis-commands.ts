import { connect } from 'node:net';

/** How often each command ran since the server started, by INFO commandstats; those inside scripts count too. */
export async function countCommands(port: number): Promise<ReadonlyMap<string, number>> {
  const text = await info(port);
  const found = text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...found].map(([, name = '', calls]) => [name, Number(calls)]));
}

function info(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (data) => parts.push(data));
    socket.on('end', () => {
      resolve(Buffer.concat(parts).toString());
    });
    socket.write('INFO commandstats\r\nQUIT\r\n');
  });
}
