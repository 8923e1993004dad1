import test from 'ava';
import { accountOf } from './account.js';
import { outputText } from './capped-output.js';
import { run } from './commands.fixture.js';

if (process.geteuid?.() === 0) {
  test.serial('root runs a command as another user, with the variables of that one', async (t) => {
    const { code, stdout } = await run('id -un; id -G; echo "$USER $LOGNAME $HOME"', { user: 'nobody' });
    t.is(code, 0);
    const { gid, variables } = await accountOf('nobody');
    t.is(outputText(stdout), `nobody\n${gid}\nnobody nobody ${variables.HOME}\n`);
  });

  test.serial('an unknown user is told', async (t) => {
    for (const user of ['no-such-user', '0', '--help']) {
      t.like(await run('true', { user }), {
        code: undefined,
        fault: `could not be started: there is no user '${user}' on this machine`,
      });
    }
  });
}

test.serial('only root runs commands as another user', async (t) => {
  const effective = process.geteuid?.() ?? 0;
  if (effective === 0) process.seteuid?.(65_534);
  try {
    t.is(
      (await run('true', { user: 'nobody' })).fault,
      "could not be started: only root can run a command as user 'nobody': start berthd as root, or leave out the user",
    );
  } finally {
    process.seteuid?.(effective);
  }
});
