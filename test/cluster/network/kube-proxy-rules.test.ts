/** The chains that kube-proxy writes, as iptables on a node shows them. */
import { expect, test } from 'vitest'
import { kubeProxyTables, type ServedPort } from '../../../src-main/cluster/network/kube-proxy-rules.js'
import { ruleLines } from '../../../src-main/cluster/runtime/programs/net/iptables-format.js'

const a = { address: '10.244.1.2', port: 8080 }
const b = { address: '10.244.2.2', port: 8080 }
const dns: ServedPort = {
  name: 'kube-system/kube-dns:dns', protocol: 'udp', port: 53, clusterIP: '10.96.0.10', externalIPs: [], balancers: [], sourceRanges: [],
  endpoints: [{ address: '10.244.0.2', port: 53 }], localEndpoints: [], internalLocal: false, externalLocal: false,
} // prettier-ignore
const web: ServedPort = {
  ...dns,
  name: 'default/web',
  protocol: 'tcp',
  port: 80,
  clusterIP: '10.96.1.1',
  endpoints: [a, b],
  localEndpoints: [a],
}

/** The rules of a table that speak of a text. */
function rules(table: string, ports: readonly ServedPort[], about: RegExp): string[] {
  const { chains } = kubeProxyTables(ports, '10.244.0.0/16').find((t) => t.name === table)!
  return ruleLines(table, chains, [...chains.keys()]).map((line) => line.trimEnd()).filter((line) => about.test(line)) // prettier-ignore
}

test('a service has a chain of its well-known name, from which its endpoints are chosen', () => {
  expect(rules('nat', [dns], /kube-dns|TCOU7JCQXEZGVUNU/)).toEqual([
    '-N KUBE-SVC-TCOU7JCQXEZGVUNU',
    '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns -> 10.244.0.2:53" -j KUBE-SEP-YIL6JZP7A3QYXJU2',
    '-A KUBE-SEP-YIL6JZP7A3QYXJU2 -s 10.244.0.2/32 -m comment --comment "kube-system/kube-dns:dns" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-YIL6JZP7A3QYXJU2 -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.244.0.2:53',
  ])
})

test('several endpoints have equal chances, and a client stays with its own where the service says so', () => {
  const three = { ...web, endpoints: [a, b, { ...a, port: 8081 }], affinity: 10_800 }
  expect(
    rules('nat', [three], /->/).map((line) => line.replace(/^.* -> ([\d.:]+)" ?/, '$1 ').replaceAll(/KUBE-SEP-\w{16}/g, 'SEP')),
  ).toEqual([
    '10.244.1.2:8080 -m recent --rcheck --seconds 10800 --reap --name SEP --mask 255.255.255.255 --rsource -j SEP',
    '10.244.2.2:8080 -m recent --rcheck --seconds 10800 --reap --name SEP --mask 255.255.255.255 --rsource -j SEP',
    '10.244.1.2:8081 -m recent --rcheck --seconds 10800 --reap --name SEP --mask 255.255.255.255 --rsource -j SEP',
    '10.244.1.2:8080 -m statistic --mode random --probability 0.33333333349 -j SEP',
    '10.244.2.2:8080 -m statistic --mode random --probability 0.50000000000 -j SEP',
    '10.244.1.2:8081 -j SEP',
  ])
})

test('what comes from outside is masqueraded, or with the Local policy led to the endpoints of the node', () => {
  const outside = { ...web, nodePort: 30080, balancers: ['192.0.2.1'] }
  const shown = (port: ServedPort): string[] =>
    rules('nat', [port], /^-A KUBE-(NODEPORTS|EXT|SERVICES -d 192|SVL)/).map((line) => line.replaceAll(/(KUBE-[A-Z]{3})-\w{16}/g, '$1'))
  expect(shown(outside)).toEqual([
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web" -m tcp --dport 30080 -j KUBE-EXT',
    '-A KUBE-SERVICES -d 192.0.2.1/32 -p tcp -m comment --comment "default/web loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT',
    '-A KUBE-EXT -m comment --comment "masquerade traffic for default/web external destinations" -j KUBE-MARK-MASQ',
    '-A KUBE-EXT -j KUBE-SVC',
  ])
  expect(shown({ ...outside, externalLocal: true }).slice(2)).toEqual([
    '-A KUBE-EXT -s 10.244.0.0/16 -m comment --comment "pod traffic for default/web external destinations" -j KUBE-SVC',
    '-A KUBE-EXT -m comment --comment "masquerade LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
    '-A KUBE-EXT -m comment --comment "route LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC',
    '-A KUBE-EXT -j KUBE-SVL',
    '-A KUBE-SVL -m comment --comment "default/web -> 10.244.1.2:8080" -j KUBE-SEP',
  ])
})

test('a service without endpoints is rejected, one without any on this node is silent where its policy is Local', () => {
  const port = { ...web, nodePort: 30080, healthCheckNodePort: 32000, externalLocal: true }
  expect(rules('filter', [{ ...port, endpoints: [], localEndpoints: [] }], /default\/web/)).toEqual([
    '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/web has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable',
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web health check node port" -m tcp --dport 32000 -j ACCEPT',
    '-A KUBE-SERVICES -d 10.96.1.1/32 -p tcp -m comment --comment "default/web has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  ])
  expect(rules('filter', [{ ...port, localEndpoints: [] }], /local endpoints/)).toEqual([
    '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/web has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j DROP',
  ])
})
