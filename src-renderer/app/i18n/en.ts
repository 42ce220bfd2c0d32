import { window } from './en/window.js'
import { assistant } from './en/assistant.js'
import { clusters } from './en/clusters.js'
import { create } from './en/create.js'
import { forms } from './en/forms.js'
import { helm } from './en/helm.js'
import { history } from './en/history.js'
import { lists } from './en/lists.js'
import { actions } from './en/actions.js'
import { details } from './en/details.js'
import { inspect } from './en/inspect.js'
import { checks } from './en/checks.js'
import { commands } from './en/commands.js'
import { map } from './en/map.js'
import { metrics } from './en/metrics.js'
import { search } from './en/search.js'
import { themes } from './en/themes.js'
import { tools } from './en/tools.js'

/** English. The other languages have the same keys (the type of their modules says so, and a test). Kinds and reasons stay in Kubernetes' own words. */
export const en = {
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

/** What a language has to have. */
export type Messages = typeof en
