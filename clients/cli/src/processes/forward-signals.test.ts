import test from 'ava';
import { Interrupted } from '../program/context.js';
import { forwardSignals } from './forward-signals.js';

test('a signal that came while the command was being started reaches it', (t) => {
  const sent: string[] = [];
  const command = { send: (signal: string) => void sent.push(signal) };
  forwardSignals(command, AbortSignal.abort(new Interrupted('SIGTERM')))();
  t.deepEqual(sent, ['SIGTERM']);
  forwardSignals(command, new AbortController().signal)();
  t.deepEqual(sent, ['SIGTERM']);
});
