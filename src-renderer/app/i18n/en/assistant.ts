/** The clusters for a person's own assistant. */
export const assistant = {
  assistant: {
    title: 'Assistants (MCP)',
    text: 'An assistant that speaks the Model Context Protocol, such as Claude Desktop or VS Code, can work with these clusters: put this into its settings. It starts Drydock by itself and speaks to it on its standard input; nothing listens on the network, and nothing is on before.',
    may: 'It reads what your kubeconfigs let you read, logs too. Values of Secrets are masked, and credentials are not told. Hidden contexts are left out.',
    allowWrites: 'It may change things',
    readOnly: 'It may change nothing.',
    writes:
      'It may apply, scale, restart and delete with your rights, but not in contexts that are read-only or ask before changes. What may make pods can read Secrets through them.',
    format: 'Settings of',
    usual: 'Claude Desktop and most others',
    vscode: 'VS Code',
    json: 'Settings for the assistant',
    copy: 'Copy the settings for the assistant',
  },
}
