import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { steady, table } from './support/text.js'

/** Helm 4 with a chart that has a hook, a custom resource with its definition, and a test. */

const chart = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../data/charts/shop')
let cluster: TestCluster

const helm = (args: string): string => {
  const out = cluster.helm(args)
  if (out.code !== 0) throw new Error(`helm ${args} ended with ${out.code}: ${out.stderr}${out.stdout}`)
  return out.stdout
}

/** Revisions, their states and what led to them. */
const history = (): string[][] =>
  table(helm('history s').replaceAll('\t', '  '))
    .slice(1)
    .map((r) => [r[0]!, r[2]!, r[5]!])

beforeAll(async () => {
  // Helm's patience is time of this machine: what it waits for comes sooner.
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '5'] })
  cluster.ok('create namespace shop')
  cluster.ok('config set-context --current --namespace=shop')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('a release', () => {
  it('renders against the server without installing anything', () => {
    cluster.ok(['apply', '-f', path.join(chart, 'crds')])
    const text = helm(`install s ${chart} --dry-run=server`)
    expect(text).toContain('STATUS: pending-install\n')
    expect(text).toContain('kind: Gadget\nmetadata: {name: s}\nspec: {size: 1}\n')
    expect(cluster.ok('get deployments,gadgets,secrets,jobs -o name')).toBe('')
    cluster.ok(['delete', '-f', path.join(chart, 'crds')])
  })

  it('is installed with its definition first, after its hook', () => {
    expect(helm(`install s ${chart} --wait --timeout 40s`)).toMatch(
      /^NAME: s\nLAST DEPLOYED: .*\nNAMESPACE: shop\nSTATUS: deployed\nREVISION: 1\nDESCRIPTION: Install complete\nNOTES:\nThe shop answers at http:\/\/s-web\.\n$/,
    )
    expect(steady(cluster.ok('get deployment,gadget,service'))).toBe(
      [
        'NAME  READY  UP-TO-DATE  AVAILABLE  AGE',
        'deployment.apps/s-web  1/1  1  1  AGE',
        '',
        'NAME  AGE',
        'gadget.shop.example.com/s  AGE',
        '',
        'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE',
        'service/s-web  ClusterIP  CLUSTER-ADDRESS  <none>  80/TCP  AGE',
        '',
      ].join('\n'),
    )
    // The hook has succeeded and was deleted; only the event tells of it.
    expect(cluster.ok('get jobs -o name')).toBe('')
    expect(
      cluster.ok([
        'get',
        'events',
        '--field-selector',
        'involvedObject.kind=Job,reason=Completed',
        '-o',
        'jsonpath={.items[*].involvedObject.name}',
      ]),
    ).toBe('s-migrate')
    expect(cluster.ok('get secrets -o jsonpath={.items[*].metadata.name}:{.items[*].type}')).toBe(
      'sh.helm.release.v1.s.v1:helm.sh/release.v1',
    )
  })

  it('tells what it is made of', () => {
    expect(helm('get notes s')).toBe('NOTES:\nThe shop answers at http://s-web.\n\n')
    expect(helm('get values s')).toBe('USER-SUPPLIED VALUES:\nnull\n')
    expect(helm('get values s --all')).toBe('COMPUTED VALUES:\nimage: nginx:1.25\nreplicas: 1\n')
    expect(helm('get manifest s')).toContain(
      '\n# Source: shop/templates/all.yaml\napiVersion: shop.example.com/v1\nkind: Gadget\nmetadata: {name: s}\nspec: {size: 1}\n',
    )
    expect(helm('get hooks s').match(/^kind: .*$/gm)).toEqual(['kind: Pod', 'kind: Job'])
    expect(helm('get metadata s')).toMatch(/\nSTATUS: deployed\nDEPLOYED_AT: \S+\nAPPLY_METHOD: server-side apply\n$/)
    const [resources, notes] = steady(helm('status s')).split('RESOURCES:\n')[1]!.split('\n\n\n')
    // Helm shows the kinds in the order of a Go map.
    expect(resources!.split('\n\n').sort()).toEqual([
      '==> v1/Deployment\nNAME  READY  UP-TO-DATE  AVAILABLE  AGE\ns-web  1/1  1  1  AGE',
      '==> v1/Gadget\nNAME  AGE\ns  AGE',
      '==> v1/Pod(related)\nNAME  READY  STATUS  RESTARTS  AGE\ns-web-7c6868c9dd-xxxxx  1/1  Running  0  AGE',
      '==> v1/Service\nNAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\ns-web  ClusterIP  CLUSTER-ADDRESS  <none>  80/TCP  AGE',
    ])
    expect(notes).toBe('NOTES:\nThe shop answers at http://s-web.\n')
    const [release] = JSON.parse(helm('list -o json')) as Record<string, string>[]
    expect([release!.name, release!.revision, release!.status, release!.chart, release!.app_version]).toEqual([
      's',
      '1',
      'deployed',
      'shop-0.1.0',
      '1.0',
    ])
  })

  it('passes its test, which asks the Service', () => {
    const text = helm('test s --logs')
    expect(text).toContain('TEST SUITE:     s-get\n')
    expect(text).toContain('Phase:          Succeeded\n')
    expect(text).toContain('<h1>Welcome to nginx!</h1>')
  })

  it('is upgraded by server-side apply, and a value of the wrong type is refused', () => {
    expect(helm(`upgrade s ${chart} --set replicas=2 --wait --timeout 40s`)).toContain('Release "s" has been upgraded. Happy Helming!\n')
    expect(cluster.ok('get deployment s-web -o jsonpath={.status.readyReplicas}')).toBe('2')
    expect(cluster.ok('get gadget s -o jsonpath={.spec.size}')).toBe('2')
    expect(
      cluster.ok([
        'get',
        'gadget',
        's',
        '-o',
        'jsonpath={.metadata.managedFields[*].manager} {.metadata.managedFields[*].operation}',
        '--show-managed-fields',
      ]),
    ).toBe('helm Apply')
    const failed = cluster.helm(`upgrade s ${chart} --set replicas=x`)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain(
      'Error: UPGRADE FAILED: failed to create typed patch object (shop/s-web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string && failed to create typed patch object (shop/s; shop.example.com/v1, Kind=Gadget): .spec.size: expected numeric (int or float), got string\n',
    )
  })

  it('rolls back, and its history tells', () => {
    expect(helm('rollback s 1 --wait --timeout 40s')).toBe('Rollback was a success! Happy Helming!\n')
    expect(cluster.ok('get deployment s-web -o jsonpath={.spec.replicas}')).toBe('1')
    expect(history().map(([revision, status]) => [revision, status])).toEqual([
      ['1', 'superseded'],
      ['2', 'superseded'],
      ['3', 'failed'],
      ['4', 'deployed'],
    ])
    expect(history()[3]![2]).toBe('Rollback to 1')
    expect(table(helm('list').replaceAll('\t', '  '))[1]!.filter((_, i) => i !== 3)).toEqual([
      's',
      'shop',
      '4',
      'deployed',
      'shop-0.1.0',
      '1.0',
    ])
  })

  it('that never gets ready fails when it is waited for, and is taken back if wanted', () => {
    const failing = `upgrade --install doomed ${chart} --set image=nginx:no-such-tag --rollback-on-failure --timeout 3s`
    const failed = cluster.helm(failing)
    expect([failed.code, failed.stdout]).toEqual([1, 'Release "doomed" does not exist. Installing it now.\n'])
    expect(failed.stderr).toContain(
      'Error: release doomed failed, and has been uninstalled due to rollback-on-failure being set: resource Deployment/shop/doomed-web not ready. status: InProgress, message: Available: 0/1\n',
    )
    expect(cluster.ok('get deployments,services,gadgets -o name')).toBe('deployment.apps/s-web\nservice/s-web\ngadget.shop.example.com/s\n')
  })

  it('leaves what others have set, unless it is to take it back', () => {
    const containers = (): string => cluster.ok('get deployment s-web -o jsonpath={.spec.template.spec.containers[*].image}')
    const own = containers()
    cluster.ok('set image deployment/s-web web=nginx:alpine')
    const refused = cluster.helm(`upgrade s ${chart}`)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(
      'Error: UPGRADE FAILED: conflict occurred while applying object shop/s-web apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="web"].image\n',
    )
    expect(containers()).toBe('nginx:alpine')
    expect(helm(`upgrade s ${chart} --force-conflicts`)).toContain('STATUS: deployed\n')
    expect(containers()).toBe(own)
  })

  it('goes with what it made; the definition stays', () => {
    expect(helm('uninstall s --wait --timeout 40s')).toBe('release "s" uninstalled\n')
    expect(cluster.ok('get deployments,gadgets,services,secrets -o name')).toBe('')
    expect(cluster.ok('get crd -o name')).toBe('customresourcedefinition.apiextensions.k8s.io/gadgets.shop.example.com\n')
    expect(table(helm('list').replaceAll('\t', '  '))).toEqual([
      ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'],
    ])
  })
})
