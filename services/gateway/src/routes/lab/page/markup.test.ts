import test from 'ava';
import { Markup, markup } from './markup.js';

test('values are text, markup stays what it is', (t) => {
  const evil = `<script>alert("x" & 'y')</script>`;
  t.is(markup`<p title="${evil}">${evil}</p>`.text.includes('<script'), false);
  t.is(markup`${evil}`.text, '&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;');
  t.is(
    markup`<ul>${[1, 2].map((n) => markup`<li>${n}</li>`)}</ul>${new Markup('<hr>')}`.text,
    '<ul><li>1</li><li>2</li></ul><hr>',
  );
  t.is(markup`${'&amp;'}`.text, '&amp;amp;');
});
