import {
  Cable,
  Container,
  CornerLeftUp,
  FolderInput,
  FolderOpen,
  Gauge,
  History,
  Layers,
  ListChecks,
  ScrollText,
  Server,
  SquareTerminal,
  Unplug,
} from '@lucide/vue'
import { workloadKinds } from '../../app/kind-groups.js'
import { first, on, type Action } from '../action.js'
import { useProtection } from '../../stores/protection.js'
import * as run from '../run.js'

/** The kinds that have pods of their own. */
const podWorkloads = workloadKinds.filter((kind) => kind !== 'cronjobs.batch')
const PODS = { group: '', version: 'v1', resource: 'pods' }
const NODES = { group: '', version: 'v1', resource: 'nodes' }
const REPLICA_SETS = { group: 'apps', version: 'v1', resource: 'replicasets' }
const JOBS = { group: 'batch', version: 'v1', resource: 'jobs' }

/** What looks into objects without changing them: logs, terminals, port-forwards. */
export const lookingActions: Action[] = [
  {
    id: 'logs',
    label: 'logs',
    icon: ScrollText,
    key: 'l',
    reads: true,
    many: true,
    applies: (kind) => run.keepsPods(kind) || on('pods', ...podWorkloads, 'services')(kind),
    needs: [{ verb: 'get', subresource: 'log', resource: PODS }],
    run: run.openAllLogs,
  },
  {
    id: 'logs-previous',
    label: 'logsPrevious',
    icon: History,
    key: 'p',
    reads: true,
    applies: on('pods'),
    needs: [{ verb: 'get', subresource: 'log' }],
    fits: (o) =>
      [...(o.status?.containerStatuses ?? []), ...(o.status?.initContainerStatuses ?? [])].some(
        (c: { restartCount?: number }) => (c.restartCount ?? 0) > 0,
      ),
    run: first(run.openPreviousLogs),
  },
  {
    id: 'shell',
    label: 'shell',
    icon: SquareTerminal,
    key: 's',
    applies: (kind) => run.keepsPods(kind) || on('pods', ...podWorkloads)(kind),
    needs: [{ verb: 'create', subresource: 'exec', resource: PODS }],
    run: first(async (target) => (await useProtection().allow(target.context)) && run.openShellIn(target)),
  },
  {
    id: 'attach',
    label: 'attach',
    icon: Unplug,
    key: 'a',
    applies: on('pods'),
    needs: [{ verb: 'create', subresource: 'attach' }],
    run: first(async (target) => (await useProtection().allow(target.context)) && run.openAttach(target)),
  },
  {
    id: 'forward',
    label: 'forward',
    icon: Cable,
    key: 'f',
    reads: true,
    applies: on(
      'pods',
      'services',
      'deployments.apps',
      'statefulsets.apps',
      'daemonsets.apps',
      'replicasets.apps',
      'replicationcontrollers',
    ),
    needs: [{ verb: 'create', subresource: 'portforward', resource: PODS }],
    run: first(run.openForward),
  },
  {
    id: 'benchmark',
    label: 'benchmark',
    icon: Gauge,
    applies: on('services'),
    needs: [{ verb: 'get', subresource: 'proxy' }],
    fits: (o) => o.spec?.type !== 'ExternalName' && (o.spec?.ports ?? []).length > 0,
    run: first(run.openBenchmark),
  },
  {
    id: 'files',
    label: 'files',
    icon: FolderOpen,
    reads: true,
    applies: on('pods'),
    needs: [{ verb: 'create', subresource: 'exec' }],
    fits: (o) => o.status?.phase === 'Running',
    run: first(run.openFiles),
  },
  {
    id: 'copy',
    label: 'copyFiles',
    icon: FolderInput,
    reads: true,
    applies: on('pods'),
    needs: [{ verb: 'create', subresource: 'exec' }],
    fits: (o) => o.status?.phase === 'Running',
    run: first(run.openCopy),
  },
  {
    id: 'owner',
    label: 'owner',
    icon: CornerLeftUp,
    key: 'o',
    reads: true,
    rare: true,
    applies: (kind) => kind.kind !== 'Event' && kind.verbs.includes('get'),
    fits: (o) => (o.metadata.ownerReferences ?? []).length > 0,
    run: first(run.showOwner),
  },
  {
    id: 'node',
    label: 'goToNode',
    icon: Server,
    reads: true,
    applies: on('pods'),
    needs: [{ verb: 'get', resource: NODES, clusterWide: true }],
    fits: (o) => Boolean(o.spec?.nodeName),
    run: first(run.showNode),
  },
  {
    id: 'involved',
    label: 'involved',
    icon: CornerLeftUp,
    key: 'o',
    reads: true,
    applies: on('events', 'events.events.k8s.io'),
    run: first(run.showInvolved),
  },
  {
    id: 'pods',
    label: 'pods',
    icon: Container,
    reads: true,
    applies: (kind) =>
      run.keepsPods(kind) ||
      on(...podWorkloads, 'services', 'nodes', 'poddisruptionbudgets.policy', 'networkpolicies.networking.k8s.io')(kind),
    run: first(run.showPods),
  },
  {
    id: 'replicasets',
    label: 'replicaSets',
    icon: Layers,
    reads: true,
    applies: on('deployments.apps'),
    needs: [{ verb: 'list', resource: REPLICA_SETS }],
    run: first((target) => run.showOwned(target, 'replicasets.apps')),
  },
  {
    id: 'jobs',
    label: 'jobs',
    icon: ListChecks,
    reads: true,
    applies: on('cronjobs.batch'),
    needs: [{ verb: 'list', resource: JOBS }],
    run: first((target) => run.showOwned(target, 'jobs.batch')),
  },
]
