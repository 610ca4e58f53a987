// Starts `falcoc lsp` for YAML files and lets it do the rest; it leaves files that are no rules alone.
'use strict';

const vscode = require('vscode');
const { LanguageClient, State } = require('vscode-languageclient/node');

let client;

function settings() {
  const section = vscode.workspace.getConfiguration('falcoc');
  return {
    ruleFiles: section.get('ruleFiles'),
    lintConfig: section.get('lintConfig'),
    lint: section.get('lint'),
  };
}

async function start() {
  const command = vscode.workspace.getConfiguration('falcoc').get('path');
  client = new LanguageClient(
    'falcoc',
    'falcoc',
    { command, args: ['lsp'] },
    {
      documentSelector: [{ language: 'yaml' }],
      initializationOptions: settings(),
      synchronize: { configurationSection: 'falcoc' },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const choice = await vscode.window.showErrorMessage(
      `falcoc cannot be started (${command}): ${error.message ?? error}`, 'Open Settings');
    if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'falcoc.path');
  }
}

async function stop() {
  if (client && client.state === State.Running) await client.stop();
  client = undefined;
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand('falcoc.restart', restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('falcoc.path')) return restart();
      return undefined;
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
