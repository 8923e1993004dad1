import type { CST, Document, Node, ParsedNode } from 'yaml';
import { Composer, isAlias, isNode, Lexer, LineCounter, Parser, visit } from 'yaml';

/** A fault in a text, at an offset. */
interface SyntaxFault {
  readonly offset: number;
  readonly what: string;
}

/** A YAML text, taken apart but not yet interpreted. */
export interface YamlDocument {
  /** Undefined for a text with nothing in it. */
  readonly root: Node | undefined;
  /** What is wrong with it as YAML; then `root` may be incomplete. */
  readonly faults: readonly SyntaxFault[];
  /** What an alias stands for; undefined when no anchor before it has its name. */
  readonly targetOf: (alias: Node) => Node | undefined;
  readonly placeOf: (offset: number) => { readonly line: number; readonly column: number };
}

// The parser's own stack holds a few entries for each level of nesting.
const MAX_PARSER_DEPTH = 100;

/**
 * Reads one YAML 1.2 document. Nesting is bounded before anything recursive sees the text: composing 100,000 levels would
 * exhaust the stack inside the regular expression engine, which kills the process. `uniqueKeys`: a key that stands twice is
 * a fault. `hint` ends the fault of a second document.
 */
export function readYaml(text: string, uniqueKeys: boolean, hint: string): YamlDocument {
  const lines = new LineCounter();
  const placeOf = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tokens = tokensOf(text, lines);
  if (!Array.isArray(tokens)) return { root: undefined, faults: [tokens], targetOf: () => undefined, placeOf };
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys,
    prettyErrors: false,
  });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [document, second] = documents;
  if (document === undefined) return { root: undefined, faults: [], targetOf: () => undefined, placeOf };
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    what: message,
  }));
  if (second !== undefined) {
    faults.push({
      offset: second.range[0],
      what: `a second document begins; a file has one${hint}`,
    });
  }
  const root = isNode(document.contents) ? document.contents : undefined;
  return { root, faults, targetOf: aliasTargets(document), placeOf };
}

function tokensOf(text: string, lines: LineCounter): CST.Token[] | SyntaxFault {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_PARSER_DEPTH) return { offset: parser.offset, what: 'too many levels of nesting' };
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Found in one pass: `alias.resolve()` would go through the document again for each alias. */
function aliasTargets(document: Document<ParsedNode>): (alias: Node) => Node | undefined {
  const anchored = new Map<string, Node>();
  const targets = new Map<Node, Node | undefined>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) targets.set(node, anchored.get(node.source));
      else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return (alias) => targets.get(alias);
}
