/** Lets a pod that names a node only there. */
import type { Plugin } from '../framework.js'
import { reject } from '../framework.js'

const rejection = reject("node(s) didn't match the requested node name", true)

export const nodeName: Plugin = {
  name: 'NodeName',
  filter(pod) {
    const wanted = pod.pod.spec!.nodeName
    return wanted ? { check: (node) => (node.name === wanted ? undefined : rejection) } : undefined
  },
  helps: (event) => event.type === 'NodeAdd',
}
