// Starts the language server; everything else is the server's.
const { workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

function settings() {
  const { command, ...told } = workspace.getConfiguration().get('ratchet', {});
  return { ...told, trusted: workspace.isTrusted && told.trusted === true };
}

exports.activate = async function (context) {
  const [command, ...args] = workspace.getConfiguration('ratchet').get('command');
  client = new LanguageClient('ratchet', 'Ratchet', { command, args }, {
    documentSelector: [{ scheme: 'file' }],
    initializationOptions: settings(),
    middleware: { workspace: { configuration: () => [settings()] } },
  });
  const told = workspace.onDidGrantWorkspaceTrust(() =>
    client.sendNotification('workspace/didChangeConfiguration', { settings: { ratchet: settings() } }),
  );
  context.subscriptions.push(told);
  await client.start();
};

exports.deactivate = () => client && client.stop();
