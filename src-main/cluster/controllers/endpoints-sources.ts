/** What has a Service looked at by the controllers of Endpoints and EndpointSlices: its own changes, and those of pods behind it. */
import type { Informer } from '../api/client.js'
import type { Pod, Service } from '../api/object.js'
import { keyOf } from '../api/object.js'
import type { KeyedController } from './controller.js'
import { endpointChanged, servicesOf } from './endpoints-model.js'

/** A Service with more endpoints than this is not written anew for each of its pods. */
const LARGE = 100
const BATCH_MS = 250

/**
 * Queues a Service as soon as it changes, and when pods that it selects do: at once, or for a large Service after changes were collected
 * for a while. Returns the sizes that decide it, endpoints by key of the Service, which the controller keeps.
 */
export function followServices(controller: KeyedController, services: Informer<Service>, pods: Informer<Pod>): Map<string, number> {
  const sizes = new Map<string, number>()
  const onService = (service: Service): void => controller.queue.add(keyOf(service))
  const onPod = (pod: Pod): void => {
    for (const key of servicesOf(pod, services)) controller.queue.addAfter(key, (sizes.get(key) ?? 0) > LARGE ? BATCH_MS : 0)
  }
  controller.listen(services, { add: onService, update: (_old, service) => onService(service), delete: onService })
  controller.listen(pods, {
    add: onPod,
    update(old, pod) {
      if (!endpointChanged(old, pod)) return
      onPod(pod)
      onPod(old)
    },
    delete: onPod,
  })
  return sizes
}
