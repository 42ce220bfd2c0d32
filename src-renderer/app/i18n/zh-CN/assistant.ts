import type { assistant as english } from '../en/assistant.js'

/** 供自己的助手使用的集群。 */
export const assistant: typeof english = {
  assistant: {
    title: '助手（MCP）',
    text: '支持 Model Context Protocol 的助手（例如 Claude Desktop 或 VS Code）可以使用这些集群：把下面的内容放进它的设置。助手会自行启动 Drydock，并通过标准输入与它通信；不监听任何网络端口，在此之前也不会启用任何功能。',
    may: '它可以读取 kubeconfig 允许你读取的内容，包括日志。Secret 的值会被遮盖，凭据不会透露。隐藏的上下文不会提供给它。',
    allowWrites: '允许它做更改',
    readOnly: '它不能更改任何内容。',
    writes: '它可以用你的权限应用、扩缩、重启和删除，但不能更改只读或更改前需要确认的上下文。能创建 Pod 的助手可以通过 Pod 读到 Secret。',
    format: '设置的格式',
    usual: 'Claude Desktop 和大多数其他助手',
    vscode: 'VS Code',
    json: '助手的设置',
    copy: '复制助手的设置',
  },
}
