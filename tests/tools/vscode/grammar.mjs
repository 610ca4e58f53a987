// The colours of conditions, by the libraries that VS Code colours with: which scope each word has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.LSP_CLIENT, 'package.json'));
const { INITIAL, Registry, parseRawGrammar } = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');

await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
const path = join(process.env.EXTENSION, 'syntaxes/condition.injection.json');
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  // Stands for the editor's own grammar of YAML, into which ours is injected.
  loadGrammar: async (scope) => (scope === 'source.yaml'
    ? parseRawGrammar(JSON.stringify({ scopeName: 'source.yaml', patterns: [{ match: '#.*$', name: 'comment.line' }] }), 'yaml.json')
    : parseRawGrammar(readFileSync(path, 'utf8'), path)),
  getInjections: (scope) => (scope === 'source.yaml' ? ['falco.condition.injection'] : undefined),
});
const grammar = await registry.loadGrammar('source.yaml');

/** [word, innermost scope] of all words that have one of ours. */
function colors(text) {
  const found = [];
  let state = INITIAL;
  for (const line of text.split('\n')) {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const scope = token.scopes.at(-1);
      const word = line.slice(token.startIndex, token.endIndex).trim();
      if (word && scope.endsWith('.falco') && !scope.startsWith('meta.')) found.push([word, scope]);
    }
  }
  return found;
}

const FIELD = 'variable.other.field.falco';
const LOGICAL = 'keyword.operator.logical.falco';
const COMPARISON = 'keyword.operator.comparison.falco';
const cases = {
  'a condition in a block is coloured to its end, and nothing behind it': () => assert.deepEqual(
    colors('- rule: not a condition\n  condition: >\n    evt.type in (open) and\n    not proc.aname[2] startswith "a and b"\n\n    or m\n  desc: this and that\n'),
    [['>', 'keyword.control.flow.block-scalar.falco'], ['evt.type', FIELD], ['in', COMPARISON], ['and', LOGICAL],
      ['not', LOGICAL], ['proc.aname[2]', FIELD], ['startswith', COMPARISON], ['"a and b"', 'string.quoted.double.falco'],
      ['or', LOGICAL]]),
  'a condition in a line ends with it': () => assert.deepEqual(
    colors('- macro: m\n  condition: (fd.num >= 3 and tolower(fd.name) = x)\n- list: l\n  items: [and, fd.name]\n'),
    [['fd.num', FIELD], ['>=', COMPARISON], ['3', 'constant.numeric.falco'], ['and', LOGICAL],
      ['tolower', 'support.function.transformer.falco'], ['fd.name', FIELD], ['=', COMPARISON]]),
  'fields of outputs stand out': () => assert.deepEqual(
    colors('  output: read (file=%fd.name user=%10user.name 100%)\n'),
    [['%fd.name', FIELD], ['%10user.name', FIELD]]),
  'comments stay comments': () => assert.deepEqual(colors('# condition: a and b\n'), []),
};
for (const [name, run] of Object.entries(cases)) {
  run();
  console.log(`passed: ${name}`);
}
