import type { history as english } from '../en/history.js'

/** 谁在何时改了对象的什么。 */
export const history: typeof english = {
  history: {
    title: '历史',
    seen: '在此看到的变更',
    seenHint: '从现在起的变更会显示在这里。打开过详情后，应用运行期间一直保留。',
    first: '最初的样子',
    nothing: '没有实质变化',
    deleted: '已删除',
    andMore: '{fields} 以及另外 {n} 处',
    from: '较早的版本',
    to: '较晚的版本',
    managers: '字段管理器',
    noManagers: '该对象没有托管字段。',
    fields: '{n} 个字段',
  },
}
