/** A cluster with an object of every kind, standing still, and what kubectl prints of it without what differs between runs. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { TestCluster } from './cluster.js'
import { narrowed, withoutAges, withoutIdentity } from './text.js'

export const DATA = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../data/everykind')

/** What is described: the file with the expected text, and the command. */
export const DESCRIBED: Readonly<Record<string, string>> = {
  apiservice: 'apiservice v1.apps',
  certificatesigningrequest: 'csr jane',
  clusterrole: 'clusterrole show-health',
  clusterrolebinding: 'clusterrolebinding show-health',
  configmap: 'configmap settings',
  controllerrevision: 'controllerrevision -l app=ds',
  cronjob: 'cronjob cron',
  csidriver: 'csidriver d.example.com',
  csinode: 'csinode away',
  csistoragecapacity: 'csistoragecapacity cap',
  customresource: 'crontab my',
  customresourcedefinition: 'crd crontabs.stable.example.com',
  daemonset: 'daemonset ds',
  deployment: 'deployment deploy',
  deviceclass: 'deviceclass gpu',
  endpoints: 'endpoints web headless',
  endpointslice: 'endpointslice -l kubernetes.io/service-name=headless',
  event: 'event ev',
  flowschema: 'flowschema probes',
  ingress: 'ingress site',
  ingressclass: 'ingressclass public',
  ipaddress: 'ipaddress 10.96.0.1',
  job: 'job job',
  lease: 'lease leader',
  limitrange: 'limitrange limits',
  mutatingwebhookconfiguration: 'mutatingwebhookconfiguration hook',
  namespace: 'namespace show',
  networkpolicy: 'networkpolicy policy',
  node: 'node drydock-m03',
  persistentvolume: 'pv csi-disk disk',
  persistentvolumeclaim: 'pvc data',
  pod: 'pod full',
  'pod-with-init-containers': 'pod init',
  'pods-not-started': 'pod gated pending pull volumes',
  'pods-that-ended': 'pod done failed',
  poddisruptionbudget: 'pdb pdb',
  podtemplate: 'podtemplate template',
  priorityclass: 'priorityclass high',
  prioritylevelconfiguration: 'prioritylevelconfiguration system',
  replicaset: 'replicaset rs',
  replicationcontroller: 'rc rc',
  resourceclaim: 'resourceclaim claim',
  resourceclaimtemplate: 'resourceclaimtemplate claim',
  resourcequota: 'quota besteffort quota',
  resourceslice: 'resourceslice slice',
  role: 'role role',
  rolebinding: 'rolebinding binding',
  runtimeclass: 'runtimeclass gvisor',
  secret: 'secret password robot-token',
  service: 'service external headless node web',
  serviceaccount: 'serviceaccount robot',
  servicecidr: 'servicecidr kubernetes',
  statefulset: 'statefulset sts',
  storageclass: 'storageclass slow standard',
  validatingadmissionpolicy: 'validatingadmissionpolicy policy',
  validatingadmissionpolicybinding: 'validatingadmissionpolicybinding policy',
  validatingwebhookconfiguration: 'validatingwebhookconfiguration hook',
  volumeattachment: 'volumeattachment attach',
  volumeattributesclass: 'volumeattributesclass gold',
}

/** The kinds in tables. */
export const LISTED = [
  'configmaps,endpoints,limitranges,namespaces,nodes,persistentvolumeclaims,pods,podtemplates,replicationcontrollers,resourcequotas',
  'secrets,serviceaccounts,services,customresourcedefinitions,controllerrevisions,daemonsets,deployments,replicasets,statefulsets',
  'cronjobs,jobs,leases,endpointslices,ingressclasses,ingresses,networkpolicies,servicecidrs,runtimeclasses,poddisruptionbudgets',
  'rolebindings,roles,priorityclasses,crontabs,csidrivers,csistoragecapacities,persistentvolumes,storageclasses,volumeattachments',
  'volumeattributesclasses,certificatesigningrequests',
].join(',')

/** Starts the cluster, waits until all in it is as far as it comes, and stops its clock. */
export async function startEveryKind(): Promise<TestCluster> {
  const cluster = await TestCluster.start({ args: ['--seed', '1'] })
  const ok = (args: string[] | string): string => cluster.ok(args)
  ok(['create', '-f', path.join(DATA, 'objects.yaml')])
  ok('config set-context --current --namespace=show')
  ok(['create', '-f', path.join(DATA, 'crontab.yaml')])
  for (const workload of ['deployment/deploy', 'daemonset/ds', 'statefulset/sts']) ok(`rollout status ${workload} --timeout=60s`)
  const waiting = 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'
  ok('wait --for=jsonpath={.status.readyReplicas}=1 rc/rc rs/rs --timeout=60s')
  ok('wait --for=condition=Complete job/job --timeout=60s')
  ok('wait --for=jsonpath={.status.containerStatuses[0].ready}=true pod/full --timeout=60s')
  const speed = (n: number): string => ok(['patch', 'clock', 'cluster', '--type=merge', '-p', JSON.stringify({ spec: { speed: n } })])
  // What fails again and again is to wait for its next try, not in the middle of one.
  const waits = (pod: string, reason: string): boolean => ok(['get', 'pod', pod, '-o', waiting]) === reason
  for (;;) {
    ok(`wait --for=${waiting}=ImagePullBackOff pod/pull --timeout=60s`)
    ok(`wait --for=${waiting}=CrashLoopBackOff pod/crash --timeout=60s`)
    speed(0)
    if (waits('pull', 'ImagePullBackOff') && waits('crash', 'CrashLoopBackOff')) return cluster
    speed(1)
  }
}

/** What is expected, from the file of that name. */
export const expected = (file: string): string => fs.readFileSync(path.join(DATA, file), 'utf8')

/** What kubectl printed, without what differs between runs; lines that come in any order are sorted. */
export function settled(text: string): string {
  const known = narrowed(
    withoutIdentity(withoutAges(text.replace(/in [\dms.]+ \([\dms.]+ including waiting\)/g, 'in TIME (TIME including waiting)'))),
  )
    .replace(/Resource Version: {2}\d+/g, 'Resource Version:  N')
    .replace(/containerd:\/\/[0-9a-f]{64}/g, 'containerd://ID')
    .replace(/@sha256:[0-9a-f]{64}/g, '@sha256:DIGEST')
    .replace(/(Machine ID: {2})[0-9a-f]{32}/g, '$1ID')
    .replace(/(kube-api-access-)[a-z0-9]{5}/g, '$1xxxxx')
    .replace(/(token: {2})ey\S+/g, '$1JWT')
    .replace(/(ca\.crt: {2})\d+ bytes/g, '$1SIZE')
    .replace(/^(Duration: {2})\S+$/gm, '$1AGE')
    .replace(/\d+ \([\dms]+ ago\)/g, 'N (AGE ago)')
    // There if the last change came in a later second than the one before.
    .replace(/endpoints\.kubernetes\.io\/last-change-trigger-time: TIME/g, '<none>')
    // Whether the scheduler was faster than the claims of a pod.
    .replace(/^.* FailedScheduling .*(ephemeral volume controller|unbound immediate PersistentVolumeClaims).*\n/gm, '')
    .split('\n')
  // kubectl takes the resources of a limit from a Go map, and sorts events by seconds only; names end at random.
  return sortedRuns(known, /^ ?Container {2}|^ {2}(Normal|Warning) {2}|^pod\/ds-|^persistentvolume\/pvc-/).join('\n')
}

/** Sorts each run of lines that match. */
function sortedRuns(lines: readonly string[], pattern: RegExp): string[] {
  const out: string[] = []
  let run: string[] = []
  for (const line of [...lines, '']) {
    if (pattern.test(line)) run.push(line)
    else {
      out.push(...run.sort(), line)
      run = []
    }
  }
  return out.slice(0, -1)
}
