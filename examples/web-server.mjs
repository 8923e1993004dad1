// The commands of the pool `web_servers` in pools.yaml: `node examples/web-server.mjs new|check|delete|list`.
//
// A server has a file, named as it is, that says its process and address. The file is there before the server, and the server
// ends when its file is gone: whatever is killed meanwhile, each server that runs is in the list, and can be deleted. The files are in
// data/web-servers, or in the folder that WEB_SERVERS names: a berthd has one of its own, since it deletes what it does not know.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = process.env.WEB_SERVERS ?? 'data/web-servers';
const name = process.env.BERTH_NAME ?? '';
const file = join(folder, name);

const commands = { new: start, check, delete: stop, list, serve };
mkdirSync(folder, { recursive: true });
const [, , word = ''] = process.argv;
if (!Object.hasOwn(commands, word)) throw new Error(`which command? one of ${Object.keys(commands).join(', ')}`);
await commands[word]();

/** Starts a server and prints its address. It leaves the group of this command, so that it outlives it. */
async function start() {
  writeFileSync(file, '');
  const server = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve'], {
    detached: true,
    stdio: 'ignore',
  });
  server.unref();
  while (server.exitCode === null) {
    const { url } = readState();
    if (url !== undefined) return console.log(url);
    await sleep(20);
  }
  rmSync(file, { force: true });
  throw new Error(`the server ended with code ${server.exitCode}`);
}

/** The server itself: answers with its name. */
function serve() {
  const server = createServer((_request, response) => response.end(`${name}\n`));
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${server.address().port}/`;
    // Fails when the file is gone already.
    writeFileSync(file, JSON.stringify({ pid: process.pid, url }), { flag: 'r+' });
  });
  setInterval(() => {
    if (readState().pid !== process.pid) process.exit();
  }, 1000);
}

/** Asks the server that was made here for its name. */
async function check() {
  const url = Buffer.from(process.env.BERTH_RESOURCE_DATA ?? '', 'base64')
    .toString()
    .trim();
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
  const said = (await answer.text()).trim();
  if (said !== name) throw new Error(`${url} is ${said}`);
}

/** Stops the server; one that is gone already is good. Fails when it cannot be stopped, or does not answer. */
async function stop() {
  const { pid, url } = readState();
  rmSync(file, { force: true });
  if (pid === undefined) return;
  for (let tries = 0; tries < 10; tries += 1) {
    const found = await look(url);
    if (found === 'gone') return;
    // Only one that says who it is: the process number may be another's by now.
    if (found === 'here') process.kill(pid);
    await sleep(100);
  }
  writeFileSync(file, JSON.stringify({ pid, url }));
  throw new Error(`${url} is still there`);
}

function list() {
  for (const one of readdirSync(folder)) console.log(one);
}

/** Whether the server is `here` (it answers by its name), `gone` (nothing, or another one, is there), or `silent`. */
async function look(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(500) });
    return (await answer.text()).trim() === name ? 'here' : 'gone';
  } catch (error) {
    return error.cause?.code === 'ECONNREFUSED' ? 'gone' : 'silent';
  }
}

/** What the file says; nothing when it is not there, or says nothing yet. */
function readState() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
