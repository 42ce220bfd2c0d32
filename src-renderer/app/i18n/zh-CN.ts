import type { Messages } from './en.js'
import { window } from './zh-CN/window.js'
import { assistant } from './zh-CN/assistant.js'
import { clusters } from './zh-CN/clusters.js'
import { create } from './zh-CN/create.js'
import { forms } from './zh-CN/forms.js'
import { helm } from './zh-CN/helm.js'
import { history } from './zh-CN/history.js'
import { lists } from './zh-CN/lists.js'
import { actions } from './zh-CN/actions.js'
import { details } from './zh-CN/details.js'
import { inspect } from './zh-CN/inspect.js'
import { checks } from './zh-CN/checks.js'
import { commands } from './zh-CN/commands.js'
import { map } from './zh-CN/map.js'
import { metrics } from './zh-CN/metrics.js'
import { search } from './zh-CN/search.js'
import { themes } from './zh-CN/themes.js'
import { tools } from './zh-CN/tools.js'

/** 简体中文。种类名和原因沿用 Kubernetes 自己的写法。 */
export const zhCN: Messages = {
  ...window,
  ...clusters,
  ...assistant,
  ...lists,
  ...actions,
  ...details,
  ...inspect,
  ...forms,
  ...create,
  ...tools,
  ...checks,
  ...commands,
  ...map,
  ...search,
  ...helm,
  ...history,
  ...metrics,
  ...themes,
}
