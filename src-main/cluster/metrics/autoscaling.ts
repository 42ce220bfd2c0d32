/** What the HorizontalPodAutoscaler controller is told of the pods' use. */
import { resources, type Informers } from '../api/client.js'
import type { Pod } from '../api/object.js'
import { parseLabelSelector } from '../api/selectors/labels.js'
import type { MetricsSource } from '../controllers/hpa-metrics.js'
import type { MetricsCollector } from './collector.js'

/** The resource metrics; the other kinds of metrics have no source here. */
export function autoscalingMetrics(collector: MetricsCollector, informers: Informers): MetricsSource {
  const pods = informers.for<Pod>(resources.pods)
  return {
    async podUsage(namespace, selector) {
      const matches = parseLabelSelector(selector)
      const found: Awaited<ReturnType<MetricsSource['podUsage']>>[number][] = []
      for (const { metadata } of pods.list(namespace)) {
        if (matches && !matches(metadata.labels)) continue
        const measure = collector.pod(namespace, metadata.name!)
        if (!measure || measure.uid !== metadata.uid) continue
        const { timestamp, windowMs, containers } = measure
        found.push({
          pod: metadata.name!,
          timestamp,
          windowMs,
          // As a quantity gives its thousandths: rounded up.
          containers: containers.map((c) => ({ name: c.name, cpu: Math.ceil(c.cpuNanoCores / 1e6), memory: c.memoryBytes })),
        })
      }
      return found
    },
  }
}
