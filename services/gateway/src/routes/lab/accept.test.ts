import test from 'ava';
import { prefersPage, prefersText } from './accept.js';

test('browsers get the page, curl and scripts get text', (t) => {
  t.true(prefersPage('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'));
  t.true(prefersPage('text/html'));
  t.true(prefersPage('text/plain;q=0.5, TEXT/HTML;q=0.6'));
  for (const accept of [
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/*',
    'text/html;q=0',
    'text/html;q=x',
    'text/plain, text/html;q=0.1',
  ])
    t.false(prefersPage(accept), accept);
});

test('answers for programs are JSON unless text is preferred', (t) => {
  t.true(prefersText('text/plain'));
  t.true(prefersText('text/plain, application/json;q=0.9'));
  for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/plain;q=0.9', 'text/html'])
    t.false(prefersText(accept), accept);
});
