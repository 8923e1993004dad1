import { clockText } from '@berth/views';
import { Markup, markup } from './markup.js';
import { PAGE_STYLE } from './page-style.js';
import type { LabPicture, Part, Tone } from './part.js';

/** A lab as a page without scripts. Roles are named since a table that is laid out as cards would lose its own. */
export function pageHtml({ lab, time, parts }: LabPicture): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${lab} · Berth</title>
<link rel="icon" href="data:,">
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>Lab ${lab}</h1>
<p>at ${clockText(time, time)} (${zone}); <a href="">reload</a></p>
</header>
<main>
${parts.map(partHtml)}
</main>
</body>
</html>
`;
  return page.text;
}

function partHtml({ title, summary, cells, tones = [], more = '' }: Part): Markup {
  const id = title.toLowerCase();
  const table = cells ? tableHtml(id, cells.titles.map(inWords), cells.rows, tones) : '';
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<p>${summary}</p>
${table}
${more === '' ? '' : markup`<p>${more}</p>`}
</section>
`;
}

function tableHtml(
  id: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  tones: readonly Tone[],
): Markup {
  const heads = titles.map((title) => markup`<th role="columnheader" scope="col">${title}</th>`);
  return markup`<table role="table" aria-labelledby="${id}">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${rows.map((texts, i) => rowHtml(titles, texts, tones[i]))}</tbody>
</table>`;
}

function rowHtml(titles: readonly string[], texts: readonly string[], tone: Tone | undefined): Markup {
  const [first = '', ...rest] = texts;
  const cells = rest.map(
    (text, i) => markup`<td role="cell" data-title="${titles[i + 1] ?? ''}"${longMark(text)}>${text}</td>`,
  );
  const head = markup`<th role="rowheader" scope="row"${longMark(first)}>${first}</th>`;
  return markup`<tr role="row" data-tone="${tone ?? ''}">${head}${cells}</tr>
`;
}

/** Marks a text with a word that is cut before it makes its table wider than a screen. */
function longMark(text: string): Markup {
  return new Markup(/\S{40}/.test(text) ? ' data-long' : '');
}

/** `GIVES UP` is for a terminal. */
function inWords(title: string): string {
  return title.charAt(0) + title.slice(1).toLowerCase();
}
