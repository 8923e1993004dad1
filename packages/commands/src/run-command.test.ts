import { getEventListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { lives } from '@berth/testkit';
import test from 'ava';
import { outputText } from './capped-output.js';
import { USUAL_VARIABLES } from './command-environment.js';
import { allEnd, newFile, pidsIn, run } from './commands.fixture.js';

process.env['BERTH_MONGO_URL'] = 'mongodb://berth:secret@localhost';
process.env['AWS_REGION'] = 'eu-1';
process.env['AWS_PROFILE'] = 'lab';
process.env['LC_TIME'] = 'C';

test('a command is a text for the shell, or a program with its arguments', async (t) => {
  const shell = await run('echo "got $NAME"; echo "$0" >&2', { variables: { NAME: 'x' } });
  t.like(shell, { code: 0, stopped: undefined, fault: undefined });
  t.is(outputText(shell.stdout), 'got x\n');
  t.is(outputText(shell.stderr), 'sh\n');
  t.is(outputText((await run(['printf', '%s|', 'a b', '', '$HOME'])).stdout), 'a b||$HOME|');
});

test('a command gets none of the variables of its caller but those that are passed', async (t) => {
  const { stdout } = await run(['env'], {
    pass: [...USUAL_VARIABLES, 'AWS_*'],
    variables: { BERTH_ID: '7', HOME: '/elsewhere' },
  });
  const lines = outputText(stdout).trim().split('\n');
  const passed = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|USER|LOGNAME|SHELL|AWS_\w+|BERTH_ID)=/;
  // Those of the shell itself.
  const own = /^(PWD|OLDPWD|SHLVL|_)=/;
  t.deepEqual(
    lines.filter((line) => !passed.test(line) && !own.test(line)),
    [],
  );
  t.true(lines.includes(`PATH=${process.env['PATH'] ?? ''}`));
  for (const line of ['AWS_REGION=eu-1', 'AWS_PROFILE=lab', 'LC_TIME=C', 'BERTH_ID=7', 'HOME=/elsewhere']) {
    t.true(lines.includes(line), line);
  }
  const { stdout: exact } = await run('echo "$AWS_REGION,$AWS_PROFILE"', { pass: ['AWS_REGION', 'AWS.PROFILE'] });
  t.is(outputText(exact), 'eu-1,\n');
  const none = await run(['/usr/bin/env'], { pass: [], variables: { A: '1' } });
  t.deepEqual(
    outputText(none.stdout)
      .trim()
      .split('\n')
      .filter((line) => !own.test(line)),
    ['A=1'],
  );
});

test('a failure says how the command ended', async (t) => {
  t.like(await run('exit 4'), { code: 4, fault: 'ended with code 4' });
  t.like(await run('kill -KILL $$'), { code: 137, fault: 'was ended by SIGKILL' });
  t.like(await run('exit 200'), { code: 200, fault: 'ended with code 200' });
});

test('a command that does not exist is not started', async (t) => {
  const path = await run(['/no/such/program']);
  t.is(path.code, undefined);
  t.regex(path.fault ?? '', /^could not be started: ENOENT.*\/no\/such\/program/);
  const name = await run(['no-such-program'], { variables: { PATH: '/usr/bin:/bin' } });
  t.is(name.fault, "could not be started: ENOENT: there is no 'no-such-program' in /usr/bin:/bin");
  t.regex((await run(['/etc/passwd'])).fault ?? '', /^could not be started: EACCES/);
  t.regex((await run(['echo', 'a'.repeat(3_000_000)])).fault ?? '', /^could not be started: .*E2BIG/);
});

test('signals have their default effect in a command, and only its three descriptors are open', async (t) => {
  t.like(await run('kill -PIPE $$'), { fault: 'was ended by SIGPIPE' });
  t.like(await run('kill -INT $$'), { fault: 'was ended by SIGINT' });
  t.like(await run('read -r word && echo "$word"'), { code: 1 });
  t.like(await run('echo x >&3'), { code: 2 });
});

test('what a command leaves running ends with it', async (t) => {
  const file = newFile(t);
  const { code } = await run(
    `sh -c 'trap "" TERM; echo $$ >>${file}; while :; do sleep 1; done' & until test -s ${file}; do :; done`,
  );
  t.is(code, 0);
  await allEnd(await pidsIn(file, 1));
});

test('a process that has left the group and holds the pipes is not waited for', async (t) => {
  const file = newFile(t);
  const leave = `require('node:child_process').spawn('sh', ['-c', 'echo $$ >>${file}; exec sleep 60'], { detached: true, stdio: 'inherit' }).unref()`;
  const { code, stdout } = await run(`echo told; '${process.execPath}' -e "$LEAVE"`, { variables: { LEAVE: leave } });
  const [pid = 0] = await pidsIn(file, 1);
  t.true(lives(pid));
  process.kill(pid, 'SIGKILL');
  t.is(code, 0);
  t.is(outputText(stdout), 'told\n');
});

test('a command is stopped when its time is over', async (t) => {
  t.like(await run('exec sleep 60', { timeoutMs: 3000 }), {
    code: 143,
    stopped: 'timeout',
    fault: 'was ended by SIGTERM (it took more than 3000 ms)',
  });
});

test('a group that is stopped may clean up, and goes as soon as nothing of it is left', async (t) => {
  const file = newFile(t);
  const abort = new AbortController();
  const child = `trap "sleep 0.2; echo clean; exit" TERM; echo $$ >>${file}; while :; do sleep 0.1; done`;
  const running = run(`sh -c '${child}' & wait`, { signal: abort.signal });
  await pidsIn(file, 1);
  abort.abort(new Error('the lock is lost'));
  const { fault, stdout } = await running;
  t.is(fault, 'was ended by SIGTERM (the lock is lost)');
  t.is(outputText(stdout), 'clean\n');
});

test('a command that ignores SIGTERM is killed after an abort', async (t) => {
  const file = newFile(t);
  const abort = new AbortController();
  const running = run(`trap '' TERM; echo $$ >>${file}; while :; do sleep 1; done`, { signal: abort.signal });
  const pids = await pidsIn(file, 1);
  abort.abort(new Error('the lock is lost'));
  t.like(await running, { code: 137, stopped: 'aborted', fault: 'was ended by SIGKILL (the lock is lost)' });
  await allEnd(pids);
});

test('a command may end well after an abort', async (t) => {
  const file = newFile(t);
  const abort = new AbortController();
  const running = run(`trap 'exit 0' TERM; echo $$ >>${file}; while :; do sleep 0.1; done`, { signal: abort.signal });
  await pidsIn(file, 1);
  abort.abort();
  t.like(await running, { code: 0, stopped: 'aborted', fault: undefined });
});

test('a command that is killed takes its group along', async (t) => {
  const file = newFile(t);
  const { code } = await run(
    `sh -c 'echo $$ >>${file}; exec sleep 60' & until test -s ${file}; do :; done; kill -KILL $$`,
  );
  t.is(code, 137);
  await allEnd(await pidsIn(file, 1));
});

test('a death by a signal without a name is a failure', async (t) => {
  const program = ['sh', '-c', 'kill -40 $$'];
  for (const command of [program, `sh -c 'kill -40 $$'`]) t.like(await run(command), { code: 168, stopped: undefined });
});

test('a text is told of its lines and arguments as a shell of its own would be', async (t) => {
  const { stderr, stdout } = await run('echo "$#"\nno-such-program');
  t.is(outputText(stdout), '0\n');
  t.regex(outputText(stderr), /^sh: .*2: .*no-such-program: (command )?not found\n$/);
  t.like(await run('('), { code: 2, fault: 'ended with code 2' });
  t.like(await run(''), { code: 0 });
});

test('of a gigabyte of output the ends are kept, and memory is bounded', async (t) => {
  const before = process.resourceUsage().maxRSS;
  const { code, stdout } = await run('echo first; yes | head -c 1000000000; echo last', { timeoutMs: 120_000 });
  t.is(code, 0);
  t.true(String(stdout.head).startsWith('first\ny\n'));
  t.true(String(stdout.tail).endsWith('y\nlast\n'));
  t.is(stdout.head.length + stdout.leftOutBytes + stdout.tail.length, 1_000_000_011);
  const grownKiB = process.resourceUsage().maxRSS - before;
  t.true(grownKiB < 200 * 1024, `${grownKiB} KiB`);
});

test('what a command writes is told as it comes, and all of it', async (t) => {
  const file = newFile(t);
  const told: string[] = [];
  const { stdout } = await run(`echo one; until test -s ${file}; do :; done; echo two >&2; echo three`, {
    outputBytes: 2,
    output: (stream, chunk) => {
      told.push(`${stream} ${String(chunk)}`);
      if (told.length === 1) writeFileSync(file, 'go');
    },
  });
  t.is(told.shift(), 'stdout one\n');
  t.deepEqual(told.sort(), ['stderr two\n', 'stdout three\n']);
  t.is(stdout.leftOutBytes, 8);
});

test('bytes that are not UTF-8 are kept as they are', async (t) => {
  const { stdout } = await run(String.raw`printf '\377\376\000ok'`);
  t.deepEqual([...stdout.head, ...stdout.tail], [0xff, 0xfe, 0, 0x6f, 0x6b]);
  t.is(outputText(stdout), '\ufffd\ufffd\0ok');
});

test('nothing listens to the signal of a command that has ended', async (t) => {
  const { signal } = new AbortController();
  await run('true', { signal });
  t.deepEqual(getEventListeners(signal, 'abort'), []);
});
