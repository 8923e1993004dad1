import { BerthError } from '@berth/kernel';
import test from 'ava';
import { newToken } from './new-token.js';
import { readTokens, tokenDigest } from './token-file.js';

const DIGEST = tokenDigest('a token');

test('a token that is made is found by its line, and is not in it', (t) => {
  const { token, line } = newToken({ name: 'ann "lee": #1', role: 'operator', team: 'cats', expires: '2030-01-31' });
  t.regex(token, /^berth_[\w-]{43}$/);
  t.false(line.includes(token));
  t.deepEqual(readTokens(`${line}\n`, 'tokens.yaml'), [
    {
      name: 'ann "lee": #1',
      role: 'operator',
      sha256: tokenDigest(token),
      team: 'cats',
      expiresMs: Date.UTC(2030, 0, 31),
    },
  ]);
  t.not(newToken({ name: 'x', role: 'user' }).token, newToken({ name: 'x', role: 'user' }).token);
});

test('what is left out of an entry is a user without team and end; one of benches is a viewer', (t) => {
  const text = `- {name: ann, sha256: ${DIGEST.toUpperCase()}}\n- {name: pi, sha256: ${tokenDigest('x')}, benches: [b1]}\n`;
  t.deepEqual(readTokens(text, 'tokens.yaml'), [
    { name: 'ann', role: 'user', sha256: DIGEST },
    { name: 'pi', role: 'viewer', sha256: tokenDigest('x'), benches: ['b1'] },
  ]);
  t.deepEqual(readTokens('', 'tokens.yaml'), []);
});

for (const [what, text, told] of [
  [
    'a token in place of its digest',
    '- {name: ann, sha256: berth_abc}',
    /tokens\.yaml:1:15: 0\.sha256: .*never the token/,
  ],
  ['an unknown role', `- {name: ann, role: king, sha256: ${DIGEST}}`, /tokens\.yaml:1:15: 0\.role: /],
  ['an unknown key', `- {name: ann, rol: user, sha256: ${DIGEST}}`, /there is no such setting; did you mean 'role'/],
  ['a name with a new line', `- {name: "a\\nb", sha256: ${DIGEST}}`, /control characters/],
  ['an end that is no time', `- {name: ann, expires: soon, sha256: ${DIGEST}}`, /0\.expires: /],
  [
    'two entries of one token',
    `- {name: a, sha256: ${DIGEST}}\n- {name: b, sha256: ${DIGEST}}`,
    /:2:13: 1\.sha256: is that of entry 1 already/,
  ],
  [
    'more than benches for a token of benches',
    `- {name: pi, role: user, benches: [b1], sha256: ${DIGEST}}`,
    /must be viewer or left out/,
  ],
  ['a mapping', 'ann: x', /nothing of it is used/],
] as const) {
  test(`a file of tokens is refused as a whole: ${what}`, (t) => {
    const error = t.throws(() => readTokens(text, 'tokens.yaml'), { instanceOf: BerthError, message: told });
    t.is(error.reason, 'INVALID_CONFIG');
  });
}
