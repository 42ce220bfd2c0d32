/** kube-scheduler's default profile: which plugins there are, in which order. */
import type { Plugin } from './framework.js'
import { imageLocality } from './plugins/imagelocality.js'
import { interPodAffinity } from './plugins/interpodaffinity.js'
import { nodeAffinity } from './plugins/nodeaffinity.js'
import { nodeDeclaredFeatures } from './plugins/nodedeclaredfeatures.js'
import { nodeName } from './plugins/nodename.js'
import { nodePorts } from './plugins/nodeports.js'
import type { DynamicResources } from './plugins/dynamicresources.js'
import type { FitStrategy } from './plugins/noderesources.js'
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from './plugins/noderesources.js'
import { nodeUnschedulable } from './plugins/nodeunschedulable.js'
import { podTopologySpread } from './plugins/podtopologyspread.js'
import { schedulingGates } from './plugins/schedulinggates.js'
import { taintToleration } from './plugins/tainttoleration.js'
import type { NodeVolumeLimits } from './plugins/nodevolumelimits.js'
import type { VolumeBinding } from './plugins/volumebinding.js'
import type { VolumeRestrictions } from './plugins/volumerestrictions.js'
import type { VolumeZone } from './plugins/volumezone.js'

/** The plugins that follow claims, volumes and what nodes say of their drivers. */
export interface VolumePlugins {
  restrictions: VolumeRestrictions
  limits: NodeVolumeLimits
  binding: VolumeBinding
  zone: VolumeZone
}

/** The plugins in the order of the default profile: the first that refuses a node gives the reason. */
export function defaultProfile(volumes: VolumePlugins, devices: DynamicResources, fitStrategy: FitStrategy | undefined): readonly Plugin[] {
  return [
    schedulingGates,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit(fitStrategy, (resource) => devices.isBackedByDevices(resource)),
    volumes.restrictions,
    volumes.limits,
    volumes.binding,
    volumes.zone,
    podTopologySpread,
    interPodAffinity,
    devices,
    nodeResourcesBalancedAllocation,
    imageLocality,
    nodeDeclaredFeatures,
  ]
}
