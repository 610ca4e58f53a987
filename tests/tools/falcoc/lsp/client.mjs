// The program `falcoc lsp`, driven by the client library of the protocol's authors. Each case is one statement of
// what an editor sees; the first that does not hold ends the run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.LSP_CLIENT, 'package.json'));
const rpc = require('vscode-jsonrpc/node');
const lsp = require('vscode-languageserver-protocol');

const rules = `- list: readers
  items: [cat, less]
- macro: reads
  condition: (proc.name in (readers))
- rule: Secret read
  desc: somebody reads a secret
  condition: evt.type = openat and reads and fd.name = /etc/shadow
  output: Secret read (file=%fd.name command=%proc.cmdline user=%user.name)
  priority: WARNING
  tags: [host, mitre_credential_access, T1003]
`;

const scratch = mkdtempSync(join(tmpdir(), 'falcoc-lsp-'));
const root = join(scratch, 'rules');
const path = (name) => join(root, name);
const uri = (name) => pathToFileURL(path(name)).href;
function write(name, text) {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

/** A server with its client; diagnostics and messages are kept and can be waited for. */
class Editor {
  constructor() {
    this.process = spawn(process.env.FALCOC, ['lsp', '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') },
    });
    this.exited = new Promise((resolve) => this.process.on('exit', (code) => resolve(code)));
    this.connection = rpc.createMessageConnection(
      new rpc.StreamMessageReader(this.process.stdout), new rpc.StreamMessageWriter(this.process.stdin));
    this.published = new Map();
    this.waiting = [];
    this.shown = [];
    this.registered = [];
    this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => {
      this.published.set(params.uri, params);
      this.wake();
    });
    this.connection.onNotification(lsp.ShowMessageNotification.type, (params) => {
      this.shown.push(params);
      this.wake();
    });
    this.connection.onRequest(lsp.RegistrationRequest.type, (params) => {
      this.registered.push(...params.registrations);
      this.wake();
    });
    this.connection.listen();
  }

  wake() {
    this.waiting = this.waiting.filter((one) => {
      const found = one.condition();
      if (found !== undefined) one.resolve(found);
      return found === undefined;
    });
  }

  /** What `condition` returns once that is not undefined. */
  until(condition) {
    return new Promise((resolve) => {
      this.waiting.push({ condition, resolve });
      this.wake();
    });
  }

  /** Diagnostics of a file, as soon as those of this version hold what is looked for. */
  diagnostics(name, version, holds = () => true) {
    return this.until(() => {
      const found = this.published.get(uri(name));
      if (!found || (version && found.version !== version) || !holds(found.diagnostics)) return undefined;
      return found.diagnostics;
    });
  }

  async start(options = {}) {
    const result = await this.connection.sendRequest(lsp.InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      workspaceFolders: [{ uri: pathToFileURL(root).href, name: 'rules' }],
      capabilities: {
        general: { positionEncodings: ['utf-16'] },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
        workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
      },
      ...options,
    });
    await this.connection.sendNotification(lsp.InitializedNotification.type, {});
    return result;
  }

  open(name, text) {
    return this.connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
      textDocument: { uri: uri(name), languageId: 'yaml', version: 1, text },
    });
  }
  change(name, version, ...contentChanges) {
    return this.connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
      textDocument: { uri: uri(name), version }, contentChanges,
    });
  }
  ask(type, name, params) {
    return this.connection.sendRequest(type, { textDocument: { uri: uri(name) }, ...params });
  }
  async stop() {
    await this.connection.sendRequest(lsp.ShutdownRequest.type);
    await this.connection.sendNotification(lsp.ExitNotification.type);
    return this.exited;
  }
}

const position = (line, character) => ({ position: { line, character } });
const range = (line, from, to) => ({ start: { line, character: from }, end: { line, character: to } });
const codes = (diagnostics) => diagnostics.map((one) => one.code).sort();

const cases = {
  async 'a mistake is underlined as it is typed, and the action writes what was meant'(editor) {
    await editor.open('rules.yaml', rules);
    await editor.diagnostics('rules.yaml', 1);
    await editor.change('rules.yaml', 2, { range: range(6, 24, 30), text: 'opneat' });
    const [wrong] = await editor.diagnostics('rules.yaml', 2, (all) => codes(all).includes('E0304'));
    assert.deepEqual(wrong.range, range(6, 24, 30));
    assert.equal(wrong.severity, lsp.DiagnosticSeverity.Error);
    assert.match(wrong.message, /did you mean `openat`/);
    assert.match(wrong.codeDescription.href, /^file:.*E0304\.md$/);
    const actions = await editor.ask(lsp.CodeActionRequest.type, 'rules.yaml',
      { range: wrong.range, context: { diagnostics: [wrong] } });
    const [edit] = actions[0].edit.changes[uri('rules.yaml')];
    assert.equal(edit.newText, 'openat');
    await editor.change('rules.yaml', 3, { range: edit.range, text: edit.newText });
    await editor.diagnostics('rules.yaml', 3, (all) => !codes(all).includes('E0304'));
  },

  async 'lints of all files that load together come with what they relate to'(editor) {
    await editor.change('rules.yaml', 4, {
      text: rules.replace('(readers)', '(readers) and proc.name = vi'),
    });
    const found = await editor.diagnostics('rules.yaml', 4, (all) => codes(all).includes('W1001'));
    const never = found.find((one) => one.code === 'W1001');
    assert.ok(never.relatedInformation.length > 0);
    assert.equal(never.relatedInformation[0].location.uri, uri('rules.yaml'));
    await editor.change('rules.yaml', 5, { text: rules });
    await editor.diagnostics('rules.yaml', 5, (all) => !codes(all).includes('W1001'));
  },

  async 'completion, hover and hints know the other files'(editor) {
    const text = '- rule: Mine\n  condition: evt.type = open and \n';
    write('mine.yaml', text);
    await editor.open('mine.yaml', text);
    const proposals = await editor.ask(lsp.CompletionRequest.type, 'mine.yaml', position(1, 34));
    const labels = proposals.items.map((one) => one.label);
    for (const label of ['reads', 'proc.name', 'not']) assert.ok(labels.includes(label), label);
    await editor.change('mine.yaml', 2, { text: '- ' });
    const [snippet] = (await editor.ask(lsp.CompletionRequest.type, 'mine.yaml', position(0, 2))).items;
    assert.equal(snippet.insertTextFormat, lsp.InsertTextFormat.Snippet);
    assert.match(snippet.textEdit.newText, /\$\{1:Name\}/);
    const field = proposals.items.find((one) => one.label === 'fd.name');
    const resolved = await editor.connection.sendRequest(lsp.CompletionResolveRequest.type, field);
    assert.match(resolved.documentation.value, /CHARBUF/);
    const word = await editor.ask(lsp.HoverRequest.type, 'rules.yaml', position(6, 48));
    assert.match(word.contents.value, /fd\.name/);
    assert.match(word.contents.value, /kernel/);
    const hints = await editor.ask(lsp.InlayHintRequest.type, 'rules.yaml',
      { range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } } });
    assert.deepEqual(hints.map((one) => one.label), [': cat, less']);
    const tokens = await editor.ask(lsp.SemanticTokensRequest.type, 'rules.yaml', {});
    assert.equal(tokens.data.length % 5, 0);
    assert.ok(tokens.data.length > 0);
  },

  async 'names are found, and renamed in every file'(editor) {
    await editor.change('mine.yaml', 3, { text: '- macro: mine\n  condition: (reads and proc.pname in (readers))\n' });
    const places = await editor.ask(lsp.DefinitionRequest.type, 'mine.yaml', position(1, 15));
    assert.deepEqual(places, [{ uri: uri('rules.yaml'), range: range(2, 9, 14) }]);
    const uses = await editor.ask(lsp.ReferencesRequest.type, 'rules.yaml',
      { ...position(0, 10), context: { includeDeclaration: true } });
    assert.equal(uses.length, 3);
    const edit = await editor.ask(lsp.RenameRequest.type, 'rules.yaml', { ...position(0, 10), newName: 'viewers' });
    assert.deepEqual(Object.keys(edit.changes).sort(), [uri('mine.yaml'), uri('rules.yaml')]);
    await assert.rejects(
      editor.ask(lsp.RenameRequest.type, 'rules.yaml', { ...position(0, 10), newName: 'two words' }), /named by letters/);
    const rule = await editor.ask(lsp.RenameRequest.type, 'rules.yaml', { ...position(4, 10), newName: 'Secret: read' });
    const inTests = rule.changes[uri('tests/rules.test.yaml')];
    assert.deepEqual(inTests.map((one) => [one.range, one.newText]),
      [[range(6, 10, 21), "'Secret: read'"], [range(11, 10, 21), "'Secret: read'"]]);
    const symbols = await editor.ask(lsp.DocumentSymbolRequest.type, 'rules.yaml', {});
    assert.deepEqual(symbols.map((one) => one.name), ['readers', 'reads', 'Secret read']);
  },

  async 'a file is laid out'(editor) {
    await editor.change('mine.yaml', 4, { text: '- macro: mine\n  condition:    reads\n' });
    const edits = await editor.ask(lsp.DocumentFormattingRequest.type, 'mine.yaml',
      { options: { tabSize: 2, insertSpaces: true } });
    assert.equal(edits.length, 1);
    assert.deepEqual(edits, [{ range: range(1, 0, 21), newText: '  condition: reads' }]);
  },

  async 'tests beside a rule run from the lens above it, and tell what failed'(editor) {
    const lenses = await editor.ask(lsp.CodeLensRequest.type, 'rules.yaml', {});
    assert.equal(lenses.length, 1);
    assert.equal(lenses[0].command.title, 'run tests (2)');
    const outcome = await editor.connection.sendRequest(lsp.ExecuteCommandRequest.type, lenses[0].command);
    assert.deepEqual(outcome, { passed: 1, failed: 1 });
    assert.match(editor.shown.at(-1).message, /1 of 2 tests failed/);
    const failed = editor.published.get(uri('tests/rules.test.yaml')).diagnostics;
    assert.equal(failed.length, 1);
    assert.equal(failed[0].range.start.line, 7);
    await assert.rejects(editor.connection.sendRequest(lsp.ExecuteCommandRequest.type,
      { command: 'falcoc.runTests', arguments: [uri('rules.yaml'), 'No such rule'] }), /no tests/);
  },

  async 'files that change outside of the editor are read again'(editor) {
    await editor.until(() => editor.registered.find((one) => one.method === 'workspace/didChangeWatchedFiles'));
    write('later.yaml', '- list: readers\n  items: [tac]\n  override: {items: append}\n');
    await editor.connection.sendNotification(lsp.DidChangeWatchedFilesNotification.type,
      { changes: [{ uri: uri('later.yaml'), type: lsp.FileChangeType.Created }] });
    const hover = await editor.ask(lsp.HoverRequest.type, 'rules.yaml', position(0, 10));
    // By name, later.yaml comes before rules.yaml, whose definition replaces what it says.
    assert.match(hover.contents.value, /cat, less/);
    await editor.diagnostics('later.yaml', undefined, (all) => codes(all).includes('E0102'));
    rmSync(path('later.yaml'));
    await editor.connection.sendNotification(lsp.DidChangeWatchedFilesNotification.type,
      { changes: [{ uri: uri('later.yaml'), type: lsp.FileChangeType.Deleted }] });
    await editor.diagnostics('later.yaml', undefined, (all) => all.length === 0);
  },

  async 'settings choose the files and their order'(editor) {
    write('later.yaml', '- list: readers\n  items: [tac]\n  override: {items: append}\n');
    await editor.connection.sendNotification(lsp.DidChangeConfigurationNotification.type,
      { settings: { falcoc: { ruleFiles: ['rules.yaml', 'later.yaml'] } } });
    const hover = await editor.ask(lsp.HoverRequest.type, 'rules.yaml', position(0, 10));
    assert.match(hover.contents.value, /cat, less, tac/);
  },

  async 'diagnostics come though questions never stop'(editor) {
    await editor.change('rules.yaml', 50, { text: rules.replace('openat', 'opneat') });
    let found;
    while (!found) {
      await editor.ask(lsp.HoverRequest.type, 'rules.yaml', position(0, 10));
      const published = editor.published.get(uri('rules.yaml'));
      found = published.version === 50 && codes(published.diagnostics).includes('E0304');
    }
  },

  async 'unknown methods are refused, and half a file does no harm'(editor) {
    await assert.rejects(editor.connection.sendRequest('textDocument/unheardOf', {}),
      (error) => error.code === rpc.ErrorCodes.MethodNotFound);
    for (let end = 0; end <= rules.length; end += 7) {
      await editor.change('rules.yaml', 100 + end, { text: rules.slice(0, end) });
      await editor.ask(lsp.CompletionRequest.type, 'rules.yaml', position(rules.slice(0, end).split('\n').length - 1, 9));
      await editor.ask(lsp.DocumentSymbolRequest.type, 'rules.yaml', {});
    }
    await editor.change('rules.yaml', 1000, { text: rules });
    await editor.diagnostics('rules.yaml', 1000);
  },

  async 'the server ends when it is told to'(editor) {
    assert.equal(await editor.stop(), 0);
  },
};

write('rules.yaml', rules);
write('tests/rules.test.yaml', `rules: ../rules.yaml
tests:
- test: a secret is read
  event: openat
  process: [bash, cat /etc/shadow]
  fields: {fd.name: /etc/shadow}
  expect: Secret read
- test: by another program
  event: openat
  process: [bash, vi /etc/shadow]
  fields: {fd.name: /etc/shadow}
  expect: Secret read
`);
// What a server never answers must not hold the test for ever; ctest's own limit would not say which case it was.
let current = 'the server starts';
const stuck = setTimeout(() => {
  console.error(`FAILED: no answer in: ${current}`);
  process.exit(1);
}, 120000);
const editor = new Editor();
try {
  const { capabilities } = await editor.start();
  assert.equal(capabilities.positionEncoding, 'utf-16');
  for (const [name, run] of Object.entries(cases)) {
    current = name;
    await run(editor);
    console.log(`passed: ${name}`);
  }
} catch (error) {
  console.error(`FAILED: ${current}\n${error.stack ?? error}`);
  process.exitCode = 1;
} finally {
  clearTimeout(stuck);
  editor.process.kill();
  editor.connection.dispose();
  rmSync(scratch, { recursive: true, force: true });
}
