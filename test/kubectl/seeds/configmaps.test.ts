import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on ConfigMaps: from directories, files and generators, and as volumes. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

const GAME = `enemies=aliens
lives=3
enemies.cheat=true
enemies.cheat.level=noGoodRotten
secret.code.passphrase=UUDDLRLRBABAS
secret.code.allowed=true
secret.code.lives=30
`
const UI = `color.good=purple
color.bad=yellow
allow.textmode=true
how.nice.to.look=fairlyNice
`

function write(name: string, text: string): void {
  const file = path.join(cluster.directory, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1'] })
  write('configure-pod-container/configmap/game.properties', GAME)
  write('configure-pod-container/configmap/ui.properties', UI)
})
afterAll(() => cluster.stop())

it('one is made from all files of a directory, from one file, and under a key of its own', () => {
  expect(ok('create configmap game-config --from-file=configure-pod-container/configmap/')).toBe('configmap/game-config created\n')
  // The kubectl of the notes told the sizes; that of today shows what is in it.
  expect(ok('describe configmaps game-config')).toBe(
    `Name:         game-config
Namespace:    default
Labels:       <none>
Annotations:  <none>

Data
====
game.properties:
----
${GAME}

ui.properties:
----
${UI}


BinaryData
====

Events:  <none>
`,
  )
  ok('create configmap game-config-2 --from-file=configure-pod-container/configmap/game.properties')
  ok('create configmap game-config-3 --from-file=game-special-key=configure-pod-container/configmap/game.properties')
  expect(JSON.parse(ok('get cm game-config-2 -o jsonpath={.data}'))).toEqual({ 'game.properties': GAME })
  expect(JSON.parse(ok('get cm game-config-3 -o jsonpath={.data}'))).toEqual({ 'game-special-key': GAME })
})

it('a generator of kustomize names it after its content', () => {
  const apply = (text: string): string => {
    write('kustomization.yaml', text)
    return ok('apply -k .')
  }
  const files = (name: string, file: string): string => `configMapGenerator:\n- name: ${name}\n  files:\n  - ${file}\n`
  const game = apply(files('game-config-4', 'configure-pod-container/configmap/game.properties'))
  expect(game).toMatch(/^configmap\/game-config-4-[a-z0-9]{10} created\n$/)
  expect(apply(files('game-config-5', 'game-special-key=configure-pod-container/configmap/game.properties'))).toMatch(
    /^configmap\/game-config-5-[a-z0-9]{10} created\n$/,
  )
  expect(apply('configMapGenerator:\n- name: special-config-2\n  literals:\n  - special.how=very\n  - special.type=charm\n')).toBe(
    // The notes have c92b5mmcf2: kustomize hashes differently today.
    'configmap/special-config-2-2b86tk8fhm created\n',
  )
  const name = game.split(/[/ ]/)[1]!
  expect(ok('get configmap')).toMatch(new RegExp(`^${name} +1 +\\d+s$`, 'm'))
  expect(ok(`describe configmaps/${name}`)).toContain(`Data\n====\ngame.properties:\n----\n${GAME}`)
})

it('its keys are files of a container, which follow a change', async () => {
  ok('create configmap bootstrap-yml --from-literal=bootstrap.yml=port:1')
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app' },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'busybox',
          command: ['sleep', '3600'],
          volumeMounts: [{ mountPath: '/app/config', name: 'cm-bootstrap-yml' }],
        },
      ],
      volumes: [{ configMap: { defaultMode: 420, name: 'bootstrap-yml' }, name: 'cm-bootstrap-yml' }],
    },
  }
  ok('create -f -', JSON.stringify(pod))
  ok('wait --for=condition=Ready pod/app --timeout=30s')
  const read = (): string => ok('exec app -- cat /app/config/bootstrap.yml')
  expect(read()).toBe('port:1')
  expect(ok('exec app -- stat -L -c %a /app/config/bootstrap.yml')).toBe('644\n')
  ok(['patch', 'configmap', 'bootstrap-yml', '-p', '{"data":{"bootstrap.yml":"port:2"}}'])
  ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"jumpSeconds":90}}'])
  await expect.poll(read, { timeout: 20_000, interval: 200 }).toBe('port:2')
})
