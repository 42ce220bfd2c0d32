/** Which changes of pods and nodes mean something to the scheduler. */
import type { Node, Pod } from '../api/object.js'

/** Whether anything but the status has changed. */
export function podChanged(old: Pod, pod: Pod): boolean {
  const { labels, annotations, deletionTimestamp } = pod.metadata
  return (
    JSON.stringify([old.spec, old.metadata.labels, old.metadata.annotations, old.metadata.deletionTimestamp]) !==
    JSON.stringify([pod.spec, labels, annotations, deletionTimestamp])
  )
}

/** Whether anything about a node has changed that decides who fits. */
export function nodeChanged(old: Node, node: Node): boolean {
  return (
    JSON.stringify([old.spec, old.metadata.labels, old.status?.allocatable]) !==
    JSON.stringify([node.spec, node.metadata.labels, node.status?.allocatable])
  )
}
