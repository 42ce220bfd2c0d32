/** Which changes of pods and nodes mean something to the scheduler. */
import { equalJson } from '../api/copy.js'
import type { Node, Pod } from '../api/object.js'

/** Whether anything but the status has changed. */
export function podChanged(old: Pod, pod: Pod): boolean {
  const [was, is] = [old.metadata, pod.metadata]
  return (
    was.deletionTimestamp !== is.deletionTimestamp ||
    !equalJson(old.spec, pod.spec) ||
    !equalJson(was.labels, is.labels) ||
    !equalJson(was.annotations, is.annotations)
  )
}

/** Whether anything about a node has changed that decides who fits. */
export function nodeChanged(old: Node, node: Node): boolean {
  return (
    !equalJson(old.spec, node.spec) ||
    !equalJson(old.metadata.labels, node.metadata.labels) ||
    !equalJson(old.status?.allocatable, node.status?.allocatable) ||
    !equalJson(old.status?.declaredFeatures, node.status?.declaredFeatures)
  )
}
