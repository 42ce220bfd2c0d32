import type { Messages } from '../en.js'

/** 上下文、连接状态及其问题。 */
export const clusters: Pick<Messages, 'catalogue' | 'connection' | 'reason'> = {
  catalogue: {
    title: '集群',
    search: '搜索上下文',
    embedded: '内置',
    name: '上下文',
    server: '服务器',
    user: '用户',
    source: 'Kubeconfig',
    state: '状态',
    open: '打开 {name}',
    none: '没有上下文',
    noneHint: 'kubeconfig 文件来自 KUBECONFIG 或 ~/.kube/config。',
    noMatch: '没有与“{search}”匹配的上下文',
  },
  connection: {
    idle: '未连接',
    connecting: '正在连接',
    live: '实时',
    stale: '已过时',
    failed: '离线',
    backendLost: 'Drydock 后端没有响应',
    retryIn: '{seconds} 秒后重试',
    retrying: '正在重试',
    since: '已持续 {ago}',
    failedTitle: '无法连接 {name}',
    connectingTitle: '正在连接 {name}',
    embedded: {
      starting: '内置集群正在启动',
      ready: '内置集群已就绪',
      stopped: '内置集群已停止',
      crashed: '内置集群意外停止',
    },
    restartEmbedded: '重启内置集群',
  },
  reason: {
    Unreachable: '服务器没有响应。请检查网络、VPN 和服务器地址。',
    Refused: '服务器拒绝了连接。它可能已停止，或监听在其他端口。',
    BadCertificate: '服务器证书与 kubeconfig 中的证书颁发机构不符。',
    Unauthorized: '服务器不接受这些凭据，它们可能已过期。',
    ExecPlugin: 'kubeconfig 指定的凭据插件没有正常工作。',
    Timeout: '服务器响应时间过长。',
    Forbidden: '此上下文的用户没有执行该操作的权限。',
    Internal: '发生了意外错误。',
  },
}
