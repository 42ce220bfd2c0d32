/** Keeps apart pods that want the same port of their node. */
import type { Plugin } from '../framework.js'
import { reject } from '../framework.js'
import { hostPortsOf, portsClash } from '../podinfo.js'

const rejection = reject("node(s) didn't have free ports for the requested pod ports")

export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter(pod) {
    if (pod.hostPorts.length === 0) return undefined
    return { check: (node) => (pod.hostPorts.some((p) => node.portTaken(p)) ? rejection : undefined) }
  },
  helps(event, pod) {
    if (event.type !== 'AssignedPodDelete') return event.type === 'NodeAdd'
    return hostPortsOf(event.pod).some((given) => pod.hostPorts.some((wanted) => portsClash(given, wanted)))
  },
}
