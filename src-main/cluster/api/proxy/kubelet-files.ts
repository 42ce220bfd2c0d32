/**
 * The directory of logs of a node, as its kubelet serves it at `/logs/`: one file for each container that has run, under
 * `containers/` by its id and under `pods/` by how often it was started, in the format of container runtimes.
 * https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node
 */
import { FILE_LIST_TYPE, fileListPage } from '../../go-file-list.js'
import type { KubeletEndpoint } from '../../kubelet/endpoint.js'
import { text, type KubeletAnswer } from './kubelet.js'
import { statusesOf } from './kubelet-containers.js'
import { podsOf, type KubeletView } from './kubelet-view.js'

/** A container's log. */
interface LogFile {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** Whether a path is of this directory. */
export const isLogDirectory = (path: string): boolean => path === '/logs' || path.startsWith('/logs/')

/** What a path of the directory holds: a page of links, or the lines of a file. 404 for what is not there. */
export async function logDirectory(view: KubeletView, kubelet: KubeletEndpoint | undefined, path: string): Promise<KubeletAnswer> {
  const files = filesOf(view)
  const asked = decodeURIComponent(path).replace(/^\/logs\/?/, '')
  const file = files.get(asked)
  if (file) return text(200, kubelet ? await linesOf(kubelet, file) : '')
  const directory = asked === '' || asked.endsWith('/') ? asked : `${asked}/`
  const names = new Set<string>(asked === '' ? ['containers/', 'pods/'] : [])
  for (const name of files.keys()) {
    if (!name.startsWith(directory)) continue
    const rest = name.slice(directory.length)
    const slash = rest.indexOf('/')
    names.add(slash < 0 ? rest : rest.slice(0, slash + 1))
  }
  if (names.size === 0 && !['containers/', 'pods/'].includes(directory)) return text(404, '404 page not found\n')
  return { code: 200, type: FILE_LIST_TYPE, body: fileListPage(names) }
}

/** The files of the containers that have run on a node, by their paths. */
function filesOf(view: KubeletView): Map<string, LogFile> {
  const files = new Map<string, LogFile>()
  for (const object of podsOf(view)) {
    const { namespace = '', name: pod = '', uid = '' } = object.metadata
    for (const { name: container, containerID, restartCount } of statusesOf(object)) {
      if (!containerID) continue
      const file = { namespace, pod, container }
      files.set(`containers/${pod}_${namespace}_${container}-${containerID.replace(/^[^:]*:\/\//, '')}.log`, file)
      files.set(`pods/${namespace}_${pod}_${uid}/${container}/${restartCount}.log`, file)
    }
  }
  return files
}

/** Both streams of a container, line by line in the order of time: `TIME stdout F TEXT`. */
async function linesOf(kubelet: KubeletEndpoint, { namespace, pod, container }: LogFile): Promise<string> {
  const all = await Promise.all(
    (['Stdout', 'Stderr'] as const).map(async (stream) => {
      let lines = ''
      for await (const part of await kubelet.logs({ namespace, pod, container }, { timestamps: true, stream })) lines += String(part)
      return lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.replace(' ', ` ${stream.toLowerCase()} F `))
    }),
  )
  return all
    .flat()
    .sort((a, b) => (a.slice(0, a.indexOf(' ')) < b.slice(0, b.indexOf(' ')) ? -1 : 1))
    .map((line) => `${line}\n`)
    .join('')
}
