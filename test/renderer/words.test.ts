import { describe, expect, it } from 'vitest'
import { said, sentences, type SentenceCode } from '../../src-main/backend/sentences.js'
import type { ContextSummary } from '../../src-main/backend/rpc/contract.js'
import { withKubeconfig } from '../../src-renderer/actions/command-places.js'
import { kubectl, quote, slashName } from '../../src-renderer/actions/kubectl.js'
import { selectorText } from '../../src-renderer/actions/run.js'
import { errorText } from '../../src-renderer/app/error-text.js'
import { en } from '../../src-renderer/app/i18n/en.js'
import { zhCN } from '../../src-renderer/app/i18n/zh-CN.js'
import { editorPhrases } from '../../src-renderer/app/i18n/zh-CN/editor.js'
import { aside, listed, titled } from '../../src-renderer/app/i18n/listed.js'
import { said as chineseSaid } from '../../src-renderer/app/i18n/zh-CN/said.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { groupKinds, kindTitle, pluralKind } from '../../src-renderer/app/kind-groups.js'
import { rank } from '../../src-renderer/app/palette-rank.js'
import { releaseKind } from '../../src-renderer/app/release-kind.js'
import { objectKey, parseObjectKey } from '../../src-renderer/app/routes.js'
import { workloadsKind } from '../../src-renderer/app/workloads-kind.js'
import { decodeBase64, humanBytes, parseQuantity } from '../../src-renderer/components/bytes.js'
import { readBricks } from '../../src-renderer/components/bricks.js'
import { plainText } from '../../src-renderer/components/table-cell.js'
import { humanDuration } from '../../src-renderer/components/time.js'
import { initials, initialsOf } from '../../src-renderer/stores/contexts.js'
import { clipboardAct } from '../../src-renderer/terminal/terminal-keys.js'
import { conditionTone } from '../../src-renderer/views/details/condition-tone.js'
import { podStatus, tolerationTexts } from '../../src-renderer/views/details/pod-status.js'
import { fakeContexts } from './fake-contexts.js'
import { fakeKinds } from './fake-kinds.js'
import { FakeMaker } from './fake-maker.js'

function leaves(o: object, path = ''): [string, string][] {
  return Object.entries(o).flatMap(([k, v]) =>
    typeof v === 'string' ? [[`${path}${k}`, v] as [string, string]] : leaves(v as object, `${path}${k}.`),
  )
}

describe('translations', () => {
  it('have the same keys in both languages', () => {
    expect(
      leaves(zhCN)
        .map(([k]) => k)
        .sort(),
    ).toEqual(
      leaves(en)
        .map(([k]) => k)
        .sort(),
    )
  })

  it('of the YAML editor are Chinese, each that its packages ask for', () => {
    // An import of it would be the bundler's, which has none.
    const fs = process.getBuiltinModule('node:fs')
    const packages = ['autocomplete', 'commands', 'language', 'lint', 'merge', 'search', 'view']
    const asked = packages.flatMap((name) => {
      const source = fs.readFileSync(`node_modules/@codemirror/${name}/dist/index.js`, 'utf8')
      const calls = [...source.matchAll(/\bphrase\(([^\n]*)/g)].map((m) => m[1]!.split(/\)/)[0]!)
      return calls.flatMap((call) => [...call.matchAll(/"([^"]+)"/g)].map((m) => m[1]!))
    })
    expect(asked).toContain('Fold line')
    expect([...new Set(asked)].filter((phrase) => !(phrase in editorPhrases))).toEqual([])
  })

  it('name the same values in both languages', () => {
    const values = (s: string) => [...new Set([...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort()
    const chinese = new Map(leaves(zhCN))
    const different = leaves(en).filter(([k, text]) => JSON.stringify(values(text)) !== JSON.stringify(values(chinese.get(k)!)))
    expect(different).toEqual([])
  })

  it('have the punctuation of Chinese beside Chinese words', () => {
    // What is typed into a field is written as it is typed.
    const typed = [
      'list.search',
      'list.filterExample',
      'search.placeholder',
      'search.fields',
      'metrics.settingHint',
      'palette.placeholderKinds',
    ]
    const half = /\p{Script=Han} ?[,:;?()]|[,:;?()] ?\p{Script=Han}|\p{Script=Han}!/u
    const texts = [...leaves(zhCN), ...leaves(chineseSaid)]
    expect(texts.filter(([k, text]) => !typed.includes(k) && half.test(text))).toEqual([])
  })

  it('say each sentence of the backend with its values in Chinese, and the words of servers as they are', () => {
    const values = (s: string) => [...new Set([...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort()
    expect(Object.keys(chineseSaid)).toEqual(Object.keys(sentences))
    for (const code of Object.keys(sentences) as SentenceCode[]) expect(values(chineseSaid[code]), code).toEqual(values(sentences[code]))
    const refused = said('Proxy', 'proxyRefused', { proxy: 'proxy.example.com:3128' })
    const forbidden = { reason: 'Forbidden', message: 'pods is forbidden: User "me" cannot list resource "pods"', code: 403 }
    expect(errorText(refused)).toBe('The proxy proxy.example.com:3128 refused the connection: nothing listens there.')
    i18n.global.locale.value = 'zh-CN'
    expect(errorText(refused)).toBe('代理 proxy.example.com:3128 拒绝了连接：该地址没有服务在监听。')
    expect(errorText(said('ExecPlugin', 'pluginFailed', { plugin: 'aws', words: 'Token for {user} @sso | expired' }))).toBe(
      '凭据插件“aws”失败：Token for {user} @sso | expired',
    )
    expect(errorText(forbidden)).toBe(forbidden.message)
    i18n.global.locale.value = 'en'
  })

  it('leave out the object that a server repeats when it could not read a patch', () => {
    const end = 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'
    const told = (value: string) =>
      errorText({ reason: 'Invalid', code: 422, message: `"" is invalid: patch: Invalid value: "${value}": ${end}` })
    expect(told('{\\"spec\\":{\\"replicas\\":\\"four\\"}}'.repeat(20))).toBe(`"" is invalid: patch: Invalid value: "…": ${end}`)
    expect(told('map[spec:map[replicas:four]]')).toContain('map[spec:map[replicas:four]]')
  })

  it('are all used somewhere in the window', () => {
    const files = import.meta.glob<string>('../../src-renderer/**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true })
    const source = Object.entries(files)
      .filter(([file]) => !file.includes('i18n'))
      .map(([, text]) => text)
      .join('\n')
    const whole = new Set([...source.matchAll(/['`]([a-z]\w*(?:\.\w+)+)['`]/gi)].map((m) => m[1]!))
    // Keys whose last parts are looked up: `form.text.${…}`, `columns.${…}`.
    const looked = [...source.matchAll(/`([a-z]\w*(?:\.\w+)*)\.\$\{[^}]*\}((?:\.\w+)*)`/gi)].map(
      ([, head, tail]) => [`${head}.`, tail!] as const,
    )
    const parts = (key: string) => looked.some(([head, tail]) => key.startsWith(head) && key.endsWith(tail))
    expect(
      leaves(en)
        .map(([k]) => k)
        .filter((k) => !whole.has(k) && !parts(k)),
    ).toEqual([])
  })

  it('can all be formatted', () => {
    for (const locale of ['en', 'zh-CN'] as const) {
      i18n.global.locale.value = locale
      for (const [k, text] of leaves(locale === 'en' ? en : zhCN)) expect(typeof i18n.global.t(k, { n: 2 }), text).toBe('string')
    }
    i18n.global.locale.value = 'en'
    expect(i18n.global.t('list.items', { n: '1' }, 1)).toBe('1 item')
    expect(i18n.global.t('list.items', { n: '2' }, 2)).toBe('2 items')
  })
})

describe('words one after the other', () => {
  it('have between them what the language has there', () => {
    const before = i18n.global.locale.value
    expect(listed(['Pods', 'Services'])).toBe('Pods, Services')
    expect([titled('Evict', 'Pod web'), `12:00${aside('3m ago')}`]).toEqual(['Evict: Pod web', '12:00 (3m ago)'])
    i18n.global.locale.value = 'zh-CN'
    expect(listed(['Pods', 'Services'])).toBe('Pods、Services')
    expect([titled('驱逐', 'Pod web'), `12:00${aside('3m 之前')}`]).toEqual(['驱逐：Pod web', '12:00（3m 之前）'])
    i18n.global.locale.value = before
  })
})

describe('durations', () => {
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [192_000, '3m12s'],
    [600_000, '10m'],
    [3 * 3600_000, '3h'],
    [5 * 3600_000 + 12 * 60_000, '5h12m'],
    [47 * 3600_000, '47h'],
    [52 * 3600_000, '2d4h'],
    [17 * 86_400_000, '17d'],
    [(365 * 2 + 40) * 86_400_000, '2y40d'],
    [-5, '0s'],
  ])('%i ms read %s, as kubectl prints them', (ms, text) => expect(humanDuration(ms)).toBe(text))
})

describe('addresses of objects', () => {
  it('name kind, namespace and name, and are read back', () => {
    const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'cart' }
    expect(objectKey(ref)).toBe('deployments.apps/shop/cart')
    expect(parseObjectKey('deployments.apps/shop/cart', fakeKinds)?.ref).toEqual(ref)
    expect(parseObjectKey('nodes/drydock', fakeKinds)?.ref).toEqual({ group: '', version: 'v1', resource: 'nodes', name: 'drydock' })
    expect(parseObjectKey('gone.example.com/a/b', fakeKinds)).toBeNull()
  })
})

describe('kinds', () => {
  it('are in the groups of Kubernetes, and those of CRDs under Custom', () => {
    const groups = groupKinds(fakeKinds)
    expect(groups.map((g) => g.name)).toEqual(['Workloads', 'Network', 'Config', 'Storage', 'Access', 'Cluster', 'Custom'])
    expect(groups[0]!.kinds.map(pluralKind)).toEqual([
      'Pods',
      'Deployments',
      'StatefulSets',
      'DaemonSets',
      'ReplicaSets',
      'ReplicationControllers',
      'Jobs',
      'CronJobs',
    ])
    expect(groups.at(-1)!.kinds.map((k) => k.kind)).toEqual(['Certificate'])
  })

  it('of the window are called as in the sidebar, in its language; those of Kubernetes keep their names', () => {
    const before = i18n.global.locale.value
    const kinds = [workloadsKind, releaseKind, fakeKinds.find((k) => k.kind === 'Pod')!]
    expect(kinds.map(kindTitle)).toEqual(['Workloads', 'Helm releases', 'Pods'])
    i18n.global.locale.value = 'zh-CN'
    expect(kinds.map(kindTitle)).toEqual(['工作负载', 'Helm 发布', 'Pods'])
    i18n.global.locale.value = before
  })

  it.each([
    ['NetworkPolicy', 'networkpolicies', 'NetworkPolicies'],
    ['Ingress', 'ingresses', 'Ingresses'],
    ['Endpoints', 'endpoints', 'Endpoints'],
    ['StorageClass', 'storageclasses', 'StorageClasses'],
  ])('%s in the plural is spelled %s → %s', (kind, resource, plural) => expect(pluralKind({ kind, resource })).toBe(plural))
})

describe('the palette', () => {
  it('finds kinds by their short names first, then by letters in order', () => {
    const texts = (k: (typeof fakeKinds)[number]) => [pluralKind(k), k.resource, ...k.shortNames]
    expect(rank(fakeKinds, 'po', texts)[0]!.kind).toBe('Pod')
    expect(rank(fakeKinds, 'sts', texts)[0]!.kind).toBe('StatefulSet')
    expect(rank(fakeKinds, 'dplmnt', texts).map((k) => k.kind)).toEqual(['Deployment'])
  })
})

describe('kubectl commands', () => {
  const [first] = fakeContexts
  const at = (id: string, more: Partial<ContextSummary>): ContextSummary => ({ ...first!, id, name: id, source: '/k/one', ...more })
  const contexts = [
    at('prod', { ofKubectl: true }),
    at('prod (two)', { name: 'prod', source: '/k/my two', ofKubectl: true }),
    at('drydock', { source: '/k/drydock' }),
  ]
  const line = (id: string) => `kubectl --context ${quote(id)} get pods`

  it('name context and namespace and quote what a shell would split', () => {
    const kind = fakeKinds.find((k) => k.kind === 'Deployment')!
    const target = { context: 'my cluster', kind, ref: { ...kind, namespace: 'shop', name: 'cart' } }
    expect(kubectl(target, 'scale', slashName(target), '--replicas=3')).toBe(
      "kubectl --context 'my cluster' -n shop scale deployment.apps/cart --replicas=3",
    )
  })

  it('name the kubeconfig of a context that kubectl would not find, or take for another', () => {
    expect(withKubeconfig(line('prod'), contexts, true)).toBe('kubectl --context prod get pods')
    const other = "kubectl --kubeconfig '/k/my two' --context prod get pods"
    expect(withKubeconfig(line('prod (two)'), contexts, false)).toBe(other)
    expect(withKubeconfig(`${line('drydock')}\n${line('prod (two)')}`, contexts, false)).toBe(`${line('drydock')}\n${other}`)
    expect(withKubeconfig(`${line('drydock')}\nhelm --kube-context drydock list`, contexts, true)).toBe(
      'kubectl --kubeconfig /k/drydock --context drydock get pods\nhelm --kubeconfig /k/drydock --kube-context drydock list',
    )
  })

  it('name the kubeconfig of every command in a pipe and in a substitution, and leave alone what is quoted', () => {
    const at = 'kubectl --kubeconfig /k/drydock --context drydock'
    expect(withKubeconfig(`echo '{}' | ${line('drydock')} | jq . | kubectl --context drydock create -f -`, contexts, true)).toBe(
      `echo '{}' | ${at} get pods | jq . | ${at} create -f -`,
    )
    expect(withKubeconfig('kubectl config set x --token="$(kubectl --context drydock create token a)"', contexts, true)).toBe(
      `kubectl config set x --token="$(${at} create token a)"`,
    )
    const label = `kubectl --context drydock label pod/a 'note=see | kubectl --context drydock get pods'`
    expect(withKubeconfig(label, contexts, true)).toBe(label.replace('kubectl --context drydock', at))
  })

  it('read selectors of all shapes', () => {
    expect(selectorText({ app: 'web', tier: 'front' })).toBe('app=web,tier=front')
    expect(
      selectorText({
        matchLabels: { app: 'web' },
        matchExpressions: [
          { key: 'env', operator: 'In', values: ['a', 'b'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      }),
    ).toBe('app=web,env in (a,b),!old')
  })
})

describe('values', () => {
  it('of Secrets are text where they are text, else hex', () => {
    expect(decodeBase64(btoa('hunter2'))).toEqual({ text: 'hunter2', bytes: 7, binary: false })
    expect(decodeBase64('/wA=')).toEqual({ text: 'ff 00', bytes: 2, binary: true })
    expect(decodeBase64('AAEC')).toEqual({ text: '00 01 02', bytes: 3, binary: true })
    expect(decodeBase64(btoa('a\tb\r\n'))).toMatchObject({ text: 'a\tb\r\n', binary: false })
  })

  it('as quantities are numbers of their base unit', () => {
    expect([parseQuantity('500m'), parseQuantity('64Mi'), parseQuantity('2'), parseQuantity('1k')]).toEqual([0.5, 67_108_864, 2, 1000])
    expect([parseQuantity('250u'), parseQuantity('15925n'), parseQuantity('1Ei')]).toEqual([0.00025, 15925 * 1e-9, 2 ** 60])
    expect(humanBytes(parseQuantity('8145988Ki'))).toBe('7.8 GiB')
  })

  it('of bricks give name, word and tone of each container', () => {
    expect(readBricks('web\trunning\tok\nproxy\tCrashLoopBackOff\tbad')).toEqual([
      { name: 'web', word: 'running', tone: 'ok' },
      { name: 'proxy', word: 'CrashLoopBackOff', tone: 'bad' },
    ])
  })

  it('of bricks are copied and told in words, several of one state with their number', () => {
    const column = { id: 'pods', title: 'Pods', type: 'bricks' as const }
    expect(plainText({ text: 'web\trunning\tok\nproxy\tError\tbad' }, column)).toBe('web: running, proxy: Error')
    expect(plainText({ text: 'Error\tError\tbad\t2\nRunning\tRunning\tok\t38' }, column)).toBe('2 Error, 38 Running')
  })

  it('that stand for a context are its initials', () => {
    expect([initials('kind-staging'), initials('drydock'), initials('集群')]).toEqual(['KS', 'DR', '集群'])
    const long = ['arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod', 'gke_acme_europe-west1-b_shop-test', 'admin@edge-041']
    expect(long.map(initials)).toEqual(['SP', 'ST', 'E1'])
  })

  it('that stand for several contexts are different ones where their names allow it', () => {
    const letters = (...names: string[]) => names.map((name) => initialsOf(names).get(name))
    expect(letters('prod-east', 'prod-europe', 'prod-edge')).toEqual(['PE', 'PU', 'PD'])
    expect(letters('shop-eu-01', 'shop-us-01', 'shop-us-02')).toEqual(['S1', 'SU', 'S2'])
    expect(letters('edge-011', 'edge-021', 'edge-031')).toEqual(['E1', 'E2', 'E3'])
    expect(letters('drydock', 'dream', 'dry')).toEqual(['DR', 'DE', 'DY'])
    expect(letters('kind-a', 'kind-a', 'a', 'admin@a')).toEqual(['KA', 'KA', 'A', 'A'])
  })
})

describe('the status of a pod', () => {
  const maker = new FakeMaker(Date.parse('2026-11-21T09:00:00Z'))
  it.each([
    ['running', 'Running'],
    ['crash', 'CrashLoopBackOff'],
    ['creating', 'ContainerCreating'],
    ['done', 'Completed'],
    ['pending', 'Pending'],
  ] as const)('that is %s reads %s', (state, word) =>
    expect(podStatus(maker.pod('default', 'p', 60, 'busybox', 'n', { state }))).toBe(word),
  )

  it('that is being deleted reads Terminating', () => {
    const pod = maker.pod('default', 'p', 60, 'busybox', 'n')
    pod.metadata.deletionTimestamp = '2026-11-21T09:00:00Z'
    expect(podStatus(pod)).toBe('Terminating')
  })
})

describe('a condition', () => {
  it.each([
    ['Ready', 'True', 'ok'],
    ['Ready', 'False', 'bad'],
    ['Ready', 'Unknown', 'warn'],
    ['MemoryPressure', 'False', 'ok'],
    ['MemoryPressure', 'True', 'bad'],
    ['ReplicaFailure', 'True', 'bad'],
    ['ScalingLimited', 'False', 'ok'],
    ['ScalingLimited', 'True', 'warn'],
    ['Denied', 'True', 'bad'],
    ['NamespaceContentRemaining', 'True', 'busy'],
    ['Suspended', 'True', 'busy'],
    ['Suspended', 'False', 'off'],
    ['FileSystemResizePending', 'True', 'busy'],
  ])('of type %s that is %s looks %s', (type, status, tone) => {
    expect(conditionTone({ type, status })).toBe(tone)
  })
})

describe('tolerations', () => {
  it('are those of kubectl describe, without the two that every pod is given', () => {
    const given = ['not-ready', 'unreachable'].map((x) => ({
      key: `node.kubernetes.io/${x}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    }))
    expect(
      tolerationTexts([
        ...given,
        { key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
        { key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
        { operator: 'Exists' },
      ]),
    ).toEqual(['gpu=yes:NoSchedule', 'spot:NoExecute op=Exists for 60s', 'op=Exists'])
    expect(tolerationTexts()).toEqual([])
  })
})

describe('the clipboard in a terminal', () => {
  const press = (key: string, ...mods: string[]) => ({
    key,
    ctrlKey: mods.includes('ctrl'),
    shiftKey: mods.includes('shift'),
    metaKey: mods.includes('meta'),
    altKey: false,
  })
  it('follows the operating system, and Ctrl+C interrupts unless Windows has a selection', () => {
    expect(clipboardAct(press('c', 'ctrl'), 'linux', true)).toBeNull()
    expect(clipboardAct(press('C', 'ctrl', 'shift'), 'linux', true)).toBe('copy')
    expect(clipboardAct(press('c', 'ctrl'), 'windows', true)).toBe('copy')
    expect(clipboardAct(press('c', 'ctrl'), 'windows', false)).toBeNull()
    expect(clipboardAct(press('c', 'meta'), 'mac', true)).toBe('copy')
    expect(clipboardAct(press('c', 'ctrl'), 'mac', true)).toBeNull()
    expect(clipboardAct(press('Insert', 'shift'), 'linux', false)).toBe('paste')
  })
})
