import type { PathTemplate } from '../paths/path-template.js';

/** A path as OpenAPI writes it, and the names of its variables there. */
export interface NamedPath {
  readonly path: string;
  readonly variables: readonly string[];
}

/**
 * The paths of templates for OpenAPI, where two that differ in the names of their variables only are one path: each variable
 * gets the shortest name that a template has in its place.
 */
export function pathNames(templates: readonly PathTemplate[]): (template: PathTemplate) => NamedPath {
  const names = new Map<string, string[]>();
  for (const template of templates) {
    const shape = shapeOf(template, () => '');
    const known = names.get(shape);
    const own = template.variables.map(({ field }) => field.replaceAll('.', '_'));
    names.set(shape, known === undefined ? own : own.map((name, i) => shorter(name, known[i] ?? name)));
  }
  return (template) => {
    const variables = names.get(shapeOf(template, () => '')) ?? [];
    return { path: shapeOf(template, (i) => variables[i] ?? ''), variables };
  };
}

function shapeOf({ segments, variables, verb }: PathTemplate, nameOf: (variable: number) => string): string {
  const parts: string[] = [];
  for (let i = 0; i < segments.length;) {
    const variable = variables.findIndex(({ from }) => from === i);
    const segment = segments[i];
    if (variable !== -1) parts.push(`{${nameOf(variable)}}`);
    else parts.push(segment?.kind === 'literal' ? segment.text : '*');
    i += variables[variable]?.count ?? 1;
  }
  return `/${parts.join('/')}${verb === '' ? '' : `:${verb}`}`;
}

function shorter(one: string, other: string): string {
  return one.length < other.length ? one : other;
}
