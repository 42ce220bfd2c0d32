import { describe, expect, it } from 'vitest'
import { router } from '../../src-renderer/app/router.js'
import { restOf, restOfContainer, restOfTemplate, without } from '../../src-renderer/views/details/rest.js'
import { app, fake, open, settle, withWindow } from './whole-window.js'

const metadata = { name: 'x', namespace: 'shop', uid: 'u' }

describe('what the details of a kind leave to a list of the rest', () => {
  it('is what they tell in no form of their own, without what is usual or empty', () => {
    const spec = {
      replicas: 2,
      selector: { matchLabels: { app: 'x' } },
      template: { spec: {} },
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
      ordinals: { start: 3 },
      volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'd' }, spec: { volumeMode: 'Block' } }],
    }
    const status = { replicas: 2, observedGeneration: 4, conditions: [{ type: 'Odd' }], collisionCount: 0 }
    expect(restOf('statefulsets.apps', { metadata, spec, status })).toEqual([
      [
        'spec',
        {
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
          ordinals: { start: 3 },
          volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { volumeMode: 'Block' } }],
        },
      ],
    ])
  })

  it('names the element of a list that it is of', () => {
    const ports = [
      { name: 'http', port: 80, targetPort: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP', appProtocol: 'example.com/dns' },
    ]
    expect(restOf('services', { metadata, spec: { type: 'ClusterIP', ports, ipFamilyPolicy: 'SingleStack' } })).toEqual([
      ['spec', { ports: [{ name: 'dns', appProtocol: 'example.com/dns' }], ipFamilyPolicy: 'SingleStack' }],
    ])
  })

  it('never holds a value of a Secret, and is nothing for kinds that are shown as they are', () => {
    expect(restOf('secrets', { metadata, data: { a: 'c2VjcmV0' }, type: 'Opaque' } as never)).toEqual([])
    expect(restOf('ships.harbour.example', { metadata, spec: { a: 1 } })).toEqual([])
  })

  it('of a container and of a pod template is what their cards do not show', () => {
    const container = {
      name: 'web',
      image: 'nginx',
      imagePullPolicy: 'Always',
      env: [{ name: 'A', value: 'b' }],
      ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }],
      securityContext: { capabilities: { drop: ['ALL'] } },
      terminationMessagePath: '/dev/termination-log',
      volumeMounts: [{ name: 'a', mountPath: '/a' }],
    }
    expect(restOfContainer(container)).toEqual({
      imagePullPolicy: 'Always',
      ports: [{ hostPort: 8080 }],
      securityContext: { capabilities: { drop: ['ALL'] } },
    })
    const labels = { app: 'x', 'batch.kubernetes.io/job-name': 'j' }
    const template = { metadata: { labels }, spec: { containers: [container], restartPolicy: 'Always', nodeSelector: { disk: 'ssd' } } }
    expect(restOfTemplate(template)).toEqual({ labels: { app: 'x' }, nodeSelector: { disk: 'ssd' } })
    expect(without({ a: '', b: [], c: { d: null } }, [])).toBeUndefined()
  })
})

describe('the details', () => {
  withWindow()

  it('of a pod tell what kubectl describe tells and has no form of its own here', async () => {
    await open('/c/drydock/pods')
    const name = 'payments-6d4cf56db6-7svx9'
    const pod = fake.find('pods', 'shop', name)
    pod.spec.hostAliases = [{ ip: '10.1.2.3', hostnames: ['db.local', 'cache.local'] }]
    pod.spec.imagePullSecrets = [{ name: 'regcred' }]
    await router.push(`/c/drydock/pods?o=pods/shop/${name}`)
    await settle()
    const text = app.find('.details').text().replace(/\s+/g, ' ')
    expect(text).toMatch(/Further fields.*hostAliases.*10\.1\.2\.3.*db\.local, cache\.local/)
    expect(text).toMatch(/imagePullSecrets ?regcred/)
  })
})
