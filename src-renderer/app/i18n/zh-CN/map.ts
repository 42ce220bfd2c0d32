import type { Messages } from '../en.js'

/** 拓扑图，以及与一个对象关联的对象。 */
export const map: Pick<Messages, 'map'> = {
  map: {
    title: '拓扑图',
    objects: '{n} 个对象',
    missing: '不存在',
    more: '还有 {n} 个',
    empty: '这里没有对象',
    noMatch: '没有匹配的对象',
    failed: '无法读取对象',
    noNamespace: '不属于命名空间',
    cut: '以下种类只显示前 500 个：{kinds}。',
    forbidden: '无权列出，未显示：{kinds}。',
    tooMany: '共 {total} 组，只显示前 {n} 组。其余可按名称搜索。',
    related: '关联',
    alone: '没有对象拥有、选择或使用它，它也不拥有、选择或使用其他对象。',
    again: '已在上方列出',
    relation: {
      owns: '拥有',
      routes: '路由到',
      selects: '选择',
      scales: '扩缩',
      guards: '保护',
      uses: '使用',
    },
  },
}
