import type { Messages } from '../en.js'

/** 跨种类、跨集群的搜索。 */
export const search: Pick<Messages, 'search'> = {
  search: {
    title: '搜索',
    label: '搜索对象',
    placeholder: '名称、标签、镜像、IP… 或 kind:pod ns:prod label:app=web status:trouble image:nginx !词 /正则/',
    again: '重新搜索',
    clusters: '要搜索的集群',
    reading: '已读取 {read}/{of} 个种类，找到 {n} 个',
    found: '在 {looked} 个对象中找到 {n} 个，{ago} 前',
    start: '在所有已打开的集群中查找任何种类的对象',
    fields:
      '词会在名称、命名空间、标签、注解、镜像、地址和主机名中查找。字段：kind、ns、name、label、annotation、image、ip、host、node、status、cluster。词前加 ! 表示相反，* 代表任意文本。',
    noCluster: '没有打开的集群',
    problem: '无法理解“{part}”',
    failed: '搜索失败',
    refused: '{cluster}：没有权限列出 {kinds}',
    unreachable: '无法搜索 {cluster}：{reason}',
    cut: '{kinds} 还有更多未显示，缩小搜索范围即可找到。',
    match: '匹配于',
    showAll: '显示全部 {n} 个',
    saved: '已保存的搜索',
    name: '搜索的名称',
    save: '保存',
    forget: '删除搜索 {name}',
    noneSaved: '没有已保存的搜索。',
    everywhere: '在所有已打开的集群中搜索“{text}”',
    field: {
      kind: '种类',
      ns: '命名空间',
      name: '名称',
      label: '标签',
      annotation: '注解',
      image: '镜像',
      ip: 'IP',
      host: '主机名',
      node: '节点',
      status: '状态',
      cluster: '集群',
    },
  },
}
