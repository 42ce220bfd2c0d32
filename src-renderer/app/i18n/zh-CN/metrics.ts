import type { metrics as english } from '../en/metrics.js'

/** 来自 Prometheus 的图表。 */
export const metrics: typeof english = {
  metrics: {
    title: '指标',
    range: '时间范围',
    source: '来自 {source} 的 Prometheus',
    none: '{source} 的 Prometheus 在这段时间没有该对象的样本。',
    failed: 'Prometheus 没有应答：{message}',
    setting: 'Prometheus',
    settingHint: '命名空间/服务:端口/路径。留空则按常见的标签和名称查找。',
    test: '测试',
    foundAt: '在 {source} 有应答。',
    notFound: '没有找到。',
    ranges: { '1h': '最近 1 小时', '6h': '最近 6 小时', '24h': '最近 24 小时', '7d': '最近 7 天', '30d': '最近 30 天' },
    chart: {
      cpu: 'CPU',
      memory: '内存',
      network: '网络',
      filesystem: '文件系统',
      requests: '请求',
      latency: '延迟',
      inodes: 'Inode',
    },
    series: {
      usage: '用量',
      request: '请求',
      limit: '限制',
      allocatable: '可分配',
      capacity: '容量',
      receive: '接收',
      transmit: '发送',
      read: '读取',
      write: '写入',
      used: '已用',
      requests: '全部',
      errors: '错误（5xx）',
      p50: '中位数',
      p95: '第 95 百分位',
    },
  },
}
